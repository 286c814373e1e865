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
// A section with `data-renew` is made again by the server: every so many seconds, or when there are new requests. So it looks the same
// with and without this script, and the filter of the page holds.
const renewed = document.querySelector('[data-renew]');
const every = Number(renewed?.dataset.renew);
let taken = document.querySelector('[data-taken]')?.dataset.taken;
let isAsking = false;
let asked = Date.now();
const renew = async (newest) => {
  const isDue = every ? Date.now() - asked >= every * 1000 : String(newest) !== taken;
  // A row that has the focus stays, and so does text that is selected.
  if (!renewed || isAsking || !isDue || renewed.contains(document.activeElement) || !getSelection().isCollapsed) return;
  isAsking = true;
  asked = Date.now();
  try {
    const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), 'text/html');
    const newer = page.querySelector('[data-renew]');
    if (newer) renewed.replaceChildren(...newer.childNodes);
    taken = page.querySelector('[data-taken]')?.dataset.taken;
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
  renew(requests);
  live.textContent = 'Live';
  live.dataset.tone = 'good';
};
wait();
