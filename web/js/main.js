// Starts the page: every part is told once, then the server is asked what there is.
import { startAdvanced } from './advanced.js';
import { api, urls } from './api.js';
import { startControls } from './controls.js';
import { byId, el } from './dom.js';
import { startFigures } from './figures.js';
import { addPaintings, loadStyles, startGallery } from './gallery.js';
import { showJob, startHistory } from './history.js';
import { LANGUAGES, language, setLanguage, t, translatePage } from './i18n.js';
import { onPicked, receiveFiles } from './intake.js';
import { fetchJob, isLive, onJobs } from './jobs.js';
import { announce, tell, tryTo } from './notice.js';
import { addPhotos, startPhotos } from './photos.js';
import { startRefine } from './refine.js';
import { openRegions, startRegions } from './regions.js';
import { startStage } from './stage.js';
import { desk } from './store.js';
import { jobTitle } from './styles.js';
import { startTeach, takePainting } from './teach.js';

function startLanguage() {
  const select = byId('language');
  select.append(...Object.entries(LANGUAGES).map(([tag, name]) => el('option', { value: tag, lang: tag }, name)));
  select.value = language();
  select.addEventListener('change', () => setLanguage(select.value));
  translatePage();
}

function startIntake() {
  onPicked('pick-photos', addPhotos);
  onPicked('pick-painting', addPaintings);
  receiveFiles({ photo: addPhotos, painting: addPaintings, teach: takePainting });
}

/** Regions are marked on a map with the photo's sides, which only the picture itself knows for photos of the history. */
function startRegionButton() {
  byId('regions-open').addEventListener('click', async () => {
    const picture = new Image();
    picture.src = urls.picture(desk.photo, 1024);
    await picture.decode().catch(() => {});
    if (picture.naturalWidth > 0) openRegions(picture.naturalWidth, picture.naturalHeight);
  });
}

/** #job=ID is the job on the stage, both ways. */
function startLinks() {
  const open = async () => {
    const id = location.hash.match(/^#job=(\w+)$/)?.[1];
    if (!id || id === desk.shown) return;
    const job = await fetchJob(id);
    if (job) showJob(job);
  };
  addEventListener('hashchange', open);
  desk.on(['shown'], () => {
    history.replaceState(null, '', desk.shown ? `#job=${desk.shown}` : location.pathname);
  });
  return open();
}

/** Says when a job ends, and renews the gallery when a style was learnt. */
function followEnds() {
  const live = new Set();
  onJobs((job) => {
    if (!job) return;
    if (isLive(job)) return live.add(job.id);
    if (!live.delete(job.id) || job.state !== 'done') return;
    const text = t('job.doneOf', { title: jobTitle(job) });
    if (job.kind === 'teach') loadStyles();
    if (job.id === desk.shown) announce(text);
    else tell(text);
  });
}

async function askServer() {
  const [methods, defaults] = await Promise.all([
    tryTo(() => api.methods()),
    tryTo(() => api.settings()),
    loadStyles(),
  ]);
  desk.set({ methods: methods ?? [], defaults: defaults ?? [] });
}

async function start() {
  startLanguage();
  startIntake();
  startPhotos();
  startRegions();
  startGallery();
  startControls();
  startRefine();
  startAdvanced();
  startStage();
  startFigures();
  startTeach();
  startRegionButton();
  followEnds();
  if (!desk.photo && desk.photos.length > 0) desk.set({ photo: desk.photos.at(-1).id });
  await Promise.all([askServer(), startHistory()]);
  await startLinks();
  document.documentElement.dataset.ready = '';
}

start();
