// What was filled in saves itself a moment after the last change.
import { say } from './words.js';

const QUIET = 1200; // ms without a change before it is saved
const AGAIN = 10_000; // ms before a failed save is tried again
const LAST_WORD = 60_000; // characters that a browser still sends while the page is left

export class Draft {
  /**
   * @param {string} url  where it is PUT
   * @param {() => object} collect  the data as they are now
   * @param {(text: string, failed?: boolean) => void} tell  shows how it stands
   */
  constructor(url, collect, tell) {
    this._url = url;
    this._collect = collect;
    this._tell = tell;
    this._timer = 0;
    this._saving = false;
    this._stopped = false;
    this._troubled = false;
    /** Whether something is not saved yet. */
    this.pending = false;
  }

  changed() {
    this.pending = true;
    this._later(QUIET);
  }

  /** No more saving: the form is on its way. */
  stop() {
    clearTimeout(this._timer);
    this.pending = false;
    this._stopped = true;
  }

  /** Whether leaving now would lose something. */
  get atRisk() {
    return this.pending && (this._troubled || JSON.stringify(this._collect()).length > LAST_WORD);
  }

  /** The page is left: the last chance. */
  leave() {
    if (this.pending && !this._stopped) this._put({ keepalive: true });
  }

  _later(delay) {
    clearTimeout(this._timer);
    if (!this._stopped) this._timer = setTimeout(() => this._save(), delay);
  }

  async _save() {
    if (this._saving) return this._later(QUIET);
    this._saving = true;
    this.pending = false;
    this._tell(say('Saving the draft…'));
    try {
      const answer = await this._put({});
      await this._understand(answer);
    } catch {
      this._failed();
    } finally {
      this._saving = false;
    }
  }

  async _understand(answer) {
    if (this._stopped) return;
    this._troubled = false;
    if (answer.ok) return this._tell(say('Draft saved'));
    if (answer.status >= 500 || answer.status === 429) return this._failed();
    // The task is somebody else's by now, or done: saving again cannot help.
    const problem = await answer.json().catch(() => ({}));
    this._stopped = true;
    this._tell(problem.detail || problem.title || say('The draft could not be saved. It is tried again.'), true);
  }

  _failed() {
    if (this._stopped) return;
    this.pending = true;
    this._troubled = true;
    this._tell(say('The draft could not be saved. It is tried again.'), true);
    this._later(AGAIN);
  }

  _put(options) {
    const token = document.querySelector('meta[name="csrf-token"]')?.getAttribute('content') ?? '';
    return fetch(this._url, {
      method: 'PUT',
      credentials: 'same-origin',
      headers: { 'Content-Type': 'application/json', Accept: 'application/json', 'X-CSRFToken': token },
      body: JSON.stringify({ data: this._collect() }),
      ...options,
    });
  }
}
