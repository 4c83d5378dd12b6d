// The server's HTTP interface; every fault comes out as a Fault.

/** What went wrong: `status` is 0 when the server did not answer; the message is the server's own sentence. */
export class Fault extends Error {
  constructor(status, message, retryAfter = 0) {
    super(message);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

async function send(method, path, { body, headers, signal } = {}) {
  let response;
  try {
    response = await fetch(path, { method, body, headers, signal });
  } catch (fault) {
    throw new Fault(0, fault.message);
  }
  if (response.ok) return response;
  const said = await response.json().catch(() => ({}));
  throw new Fault(response.status, said.error ?? '', Number(response.headers.get('Retry-After')) || 0);
}

const json = async (method, path, options) => (await send(method, path, options)).json();

const post = (path, value, headers = {}) =>
  json('POST', path, { body: JSON.stringify(value), headers: { 'Content-Type': 'application/json', ...headers } });

const seg = encodeURIComponent;

/** A key that makes a repeated request the same request; crypto.randomUUID is missing where there is no TLS. */
function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

export const api = {
  methods: () => json('GET', '/api/methods'),
  settings: () => json('GET', '/api/settings'),
  styles: () => json('GET', '/api/styles'),
  removeStyle: (name) => send('DELETE', `/api/styles/${seg(name)}`),

  /** Uploads one file or blob; gives what the server says of it. */
  async upload(blob, name) {
    const form = new FormData();
    form.append('picture', blob, name);
    return (await json('POST', '/api/pictures', { body: form }))[0];
  },

  /** False when the server says that it has no such picture. */
  async hasPicture(id) {
    const response = await fetch(urls.picture(id, 160)).catch(() => null);
    return response?.status !== 404;
  },

  /** A grey mask of what lies at x, y (0 to 1), as a blob. */
  async region(picture, at) {
    const body = JSON.stringify(at);
    const headers = { 'Content-Type': 'application/json' };
    return (await send('POST', `/api/pictures/${seg(picture)}/region`, { body, headers })).blob();
  },

  submit: (request) => post('/api/jobs', request, { 'Idempotency-Key': newKey() }),
  jobs: (limit, before) => json('GET', `/api/jobs?limit=${limit}${before ? `&before=${seg(before)}` : ''}`),
  job: (id) => json('GET', `/api/jobs/${seg(id)}`),
  cancel: (id) => send('POST', `/api/jobs/${seg(id)}/cancel`),
  remove: (id) => send('DELETE', `/api/jobs/${seg(id)}`),
  metrics: (id) => json('GET', `/api/jobs/${seg(id)}/metrics`),
  palette: (kind, id) => json('GET', `/api/${kind}/${seg(id)}/palette`),
};

/** Addresses of pictures, for <img>, links and EventSource. */
export const urls = {
  picture: (id, side) => `/api/pictures/${seg(id)}${side ? `?side=${side}` : ''}`,
  result: (id) => `/api/jobs/${seg(id)}/result?format=jpeg`,
  thumbnail: (id, side) => `/api/jobs/${seg(id)}/preview?side=${side}`,
  download: (id, format) => `/api/jobs/${seg(id)}/result?format=${format}&download=1`,
  preview: (id) => `/api/jobs/${seg(id)}/preview`,
  events: (id) => `/api/jobs/${seg(id)}/events`,
};
