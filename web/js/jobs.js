// The jobs this page knows. A few are watched by server-sent events, the others are asked for while they live.
import { api, urls } from './api.js';
import { announce, complain, tryTo } from './notice.js';

const PAGE = 50;
const ASK_MS = 1500;
const known = new Map();
const watched = new Map(); // id -> {source, who}; no source when the server has none to spare
const previews = new Map();
const listeners = new Set();
let timer = null;

export const isLive = (job) => job.state === 'queued' || job.state === 'running';

/** Calls `listener(job)` when a job is new or changed, `listener(null)` when some have gone. */
export function onJobs(listener) {
  listeners.add(listener);
}

function tellAll(job) {
  for (const listener of listeners) listener(job);
}

/** All jobs, newest first. */
export const allJobs = () => [...known.values()].sort((a, b) => b.created - a.created || (a.id < b.id ? 1 : -1));
export const findJob = (id) => known.get(id);

/** The newest picture of a job that is not done, or null. */
export function previewOf(job) {
  return previews.get(job.id) ?? (job.preview ? urls.preview(job.id) : null);
}

export function take(job) {
  const before = known.get(job.id);
  known.set(job.id, job);
  if (JSON.stringify(before) !== JSON.stringify(job)) tellAll(job);
  if (!isLive(job)) unwatch(job.id);
  askLater();
}

function forget(id) {
  known.delete(id);
  previews.delete(id);
  unwatch(id);
}

function askLater() {
  const alone = allJobs().some((job) => isLive(job) && !watched.get(job.id)?.source);
  if (timer || !alone) return;
  timer = setTimeout(async () => {
    timer = null;
    try {
      (await api.jobs(PAGE)).jobs.forEach(take);
    } catch {
      askLater(); // the server may be starting again
    }
  }, ASK_MS);
}

/** Reads the newest jobs, or those before the oldest known; true when there may be more. */
export async function loadJobs(older = false) {
  const before = older ? allJobs().at(-1)?.id : undefined;
  const page = await tryTo(() => api.jobs(PAGE, before));
  page?.jobs.forEach(take);
  return page?.jobs.length === PAGE;
}

/** Follows one job closely for `who`; who follows one job at a time, as a browser has few connections to spare. */
export function watch(id, who) {
  for (const [other, entry] of watched) if (entry.who === who && other !== id) unwatch(other);
  const job = known.get(id);
  if (!job || !isLive(job) || watched.has(id)) return;
  const source = new EventSource(urls.events(id));
  source.addEventListener('job', (event) => take(JSON.parse(event.data)));
  source.addEventListener('preview', (event) => {
    previews.set(id, JSON.parse(event.data).url);
    tellAll(known.get(id));
  });
  source.addEventListener('error', () => {
    if (source.readyState !== EventSource.CLOSED) return; // it tries again by itself
    watched.set(id, { source: null, who });
    askLater();
  });
  watched.set(id, { source, who });
}

function unwatch(id) {
  watched.get(id)?.source?.close();
  watched.delete(id);
}

export async function submit(request) {
  const job = await api.submit(request);
  take(job);
  return job;
}

export const cancel = (id) =>
  tryTo(async () => {
    await api.cancel(id);
    take(await api.job(id));
  });

/** Deletes a job for good; true when it is gone. */
export async function removeJob(id) {
  try {
    await api.remove(id);
  } catch (fault) {
    if (fault.status !== 404) {
      complain(fault);
      return false;
    }
  }
  forget(id);
  tellAll(null);
  return true;
}

/** The job of a link, known or not; undefined, and the fault shown, when there is none. */
export async function fetchJob(id) {
  if (known.has(id)) return known.get(id);
  const job = await tryTo(() => api.job(id));
  if (job) take(job);
  return job;
}

/** Says to screen readers how far a job is, now and then. */
export function announceProgress(text) {
  announce(text, 5000);
}
