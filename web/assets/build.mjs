// Bundles the islands to web/static/built with names that carry a hash of their content, and manifest.json which
// says under which name each is found. Style sheets come first, because every island loads its own by its name.
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

import { build } from 'esbuild';

import { wording } from './form/wording.mjs';

const assets = dirname(fileURLToPath(import.meta.url));
const root = resolve(assets, '../..');
const built = join(root, 'web/static/built');
const ISLANDS = ['app', 'form', 'viewer'];
const STYLED = ['form', 'viewer'];

const common = {
  bundle: true,
  minify: true,
  metafile: true,
  outdir: built,
  entryNames: '[name]-[hash]',
  legalComments: 'none',
  logLevel: 'warning',
  target: ['es2022', 'chrome111', 'firefox115', 'safari16.4'],
};

await mkdir(built, { recursive: true });
for (const old of await readdir(built)) await rm(join(built, old), { recursive: true });

const manifest = {};

const styles = await build({
  ...common,
  entryPoints: STYLED.map(name => join(assets, name, `${name}.css`)),
  loader: { '.svg': 'dataurl', '.woff2': 'file', '.woff': 'empty', '.ttf': 'empty', '.eot': 'empty' },
});
record(styles.metafile, '.css');

const scripts = await build({
  ...common,
  entryPoints: ISLANDS.map(name => join(assets, name, `${name}.js`)),
  format: 'esm',
  loader: { '.svg': 'text' },
  plugins: [wording],
  define: {
    'process.env.NODE_ENV': '"production"',
    FORM_CSS: JSON.stringify(manifest['form.css']),
    VIEWER_CSS: JSON.stringify(manifest['viewer.css']),
  },
});
record(scripts.metafile, '.js');

manifest['icons.svg'] = await sprite();
manifest['licenses.txt'] = await licenses(scripts.metafile, styles.metafile);
await writeFile(join(built, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);

for (const [name, file] of Object.entries(manifest)) {
  const content = await readFile(join(built, file));
  const sizes = `${(content.length / 1024).toFixed(1)} kB, ${(gzipSync(content).length / 1024).toFixed(1)} kB gz`;
  console.log(`${name.padEnd(12)} ${file.padEnd(28)} ${sizes}`);
}

function record(metafile, extension) {
  for (const [path, output] of Object.entries(metafile.outputs)) {
    if (output.entryPoint) manifest[basename(output.entryPoint, extension) + extension] = basename(path);
  }
}

async function named(name, extension, content) {
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 8);
  const file = `${name}-${hash}${extension}`;
  await writeFile(join(built, file), content);
  return file;
}

// One sprite of the Lucide icons listed in icons.json, used as <svg><use href="icons.svg#name"></use></svg>.
// Stroke and size are inherited from the page, so that an icon takes the colour of the text beside it.
async function sprite() {
  const names = JSON.parse(await readFile(join(assets, 'icons.json'), 'utf8'));
  const symbols = await Promise.all(names.map(symbol));
  return named('icons', '.svg', `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join('')}</svg>\n`);
}

async function symbol(name) {
  const source = await readFile(join(root, 'node_modules/lucide-static/icons', `${name}.svg`), 'utf8');
  const shapes = source.replace(/<!--[\s\S]*?-->/g, '').match(/<svg[^>]*>([\s\S]*)<\/svg>/)[1];
  const drawn = 'fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"';
  return `<symbol id="${name}" viewBox="0 0 24 24" ${drawn}>${shapes.replace(/\s*\n\s*/g, '')}</symbol>`;
}

// The licence texts of every package of which something is in the bundles.
async function licenses(...metafiles) {
  const packages = new Set(['lucide-static']);
  for (const metafile of metafiles) {
    for (const input of Object.keys(metafile.inputs)) {
      const found = input.match(/^node_modules\/((?:@[^/]+\/)?[^/]+)\//);
      if (found) packages.add(found[1]);
    }
  }
  const texts = await Promise.all([...packages].sort().map(license));
  return named('licenses', '.txt', texts.join('\n'));
}

async function license(name) {
  const folder = join(root, 'node_modules', name);
  const about = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const file = (await readdir(folder)).find(entry => /^licen[cs]e/i.test(entry));
  const text = file ? await readFile(join(folder, file), 'utf8') : `Licence: ${about.license}\n`;
  return `${'='.repeat(100)}\n${name} ${about.version} (${about.license})\n${'='.repeat(100)}\n${text}`;
}
