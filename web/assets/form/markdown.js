// Markdown for the texts of a form. Values of variables stand in it, written by anybody: so no HTML and no pictures.
import { Marked } from 'marked';

const NAMES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = text => text.replace(/[&<>"]/g, sign => NAMES[sign]);

const marked = new Marked({
  gfm: true,
  breaks: true,
  renderer: {
    html: ({ text }) => escaped(text),
    image: ({ text }) => escaped(text),
  },
});

class PlainMarkdown {
  /** @param {string} markdown */
  render(markdown) {
    return marked.parse(markdown);
  }
}
PlainMarkdown.$inject = [];

/** Takes the place of form-js's own renderer. */
export const plainMarkdown = { markdownRenderer: ['type', PlainMarkdown] };
