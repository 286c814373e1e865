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
// The page of the requests is made again by the server when there are new ones, so that its filter holds.
const rows = document.querySelector('[data-rows]');
let taken = document.querySelector('[data-taken]')?.dataset.taken;
let isAsking = false;
const renewRows = async (newest) => {
  if (!rows || isAsking || String(newest) === taken) return;
  isAsking = true;
  try {
    const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), 'text/html');
    const newer = page.querySelector('[data-rows]');
    // A row that has the focus stays, and so does text that is selected.
    if (newer && !rows.contains(document.activeElement) && getSelection().isCollapsed) {
      rows.replaceChildren(...newer.childNodes);
      taken = page.querySelector('[data-taken]').dataset.taken;
    }
  } catch {
    // The next event tries again.
  } finally {
    isAsking = false;
  }
};
events.onmessage = ({ data }) => {
  wait();
  const { generation, requests, figures } = JSON.parse(data);
  // Another configuration has other placements and sources.
  if (String(generation) !== document.documentElement.dataset.generation) return location.reload();
  for (const element of elements) {
    const [text, tone] = figures[element.dataset.live] ?? ['', 'plain'];
    if (element.textContent !== text) element.textContent = text;
    if (element.dataset.tone !== tone) element.dataset.tone = tone;
  }
  renewRows(requests);
  live.textContent = 'Live';
  live.dataset.tone = 'good';
};
wait();
