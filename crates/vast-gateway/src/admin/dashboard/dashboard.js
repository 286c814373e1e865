// Replaces the numbers of a page once a second. Without it the page works too: a reload shows new numbers.
'use strict';
const live = document.getElementById('live');
const elements = document.querySelectorAll('[data-live]');
const events = new EventSource('/api/live');
// The server ends each answer after 30 seconds, and the browser asks again. That is no failure.
const PATIENCE = 5000;
let timer;
const wait = () => {
  clearTimeout(timer);
  timer = setTimeout(() => { live.textContent = 'Not connected: the numbers are old'; live.dataset.tone = 'bad'; }, PATIENCE);
};
events.onmessage = ({ data }) => {
  wait();
  const { generation, figures } = JSON.parse(data);
  // Another configuration has other placements and sources.
  if (String(generation) !== document.documentElement.dataset.generation) return location.reload();
  for (const element of elements) {
    const [text, tone] = figures[element.dataset.live] ?? ['', 'plain'];
    if (element.textContent !== text) element.textContent = text;
    if (element.dataset.tone !== tone) element.dataset.tone = tone;
  }
  live.textContent = 'Live';
  live.dataset.tone = 'good';
};
wait();
