// Debian's Chromium, and what every page has to be like.
//
// It reaches for nothing on its own: on a network without a way out, a browser that
// updates itself in the background finds its own requests refused, and then ours.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { chromium } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-dev-shm-usage',
  '--no-first-run',
  '--no-proxy-server',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const PATIENCE_MS = 60_000;

/** Where pictures of every page go, when somebody wants to look at them. */
const PICTURES = process.env.BURSAR_PICTURES;

/** A browser with a new, empty profile of its own. */
export async function startBrowser() {
  const places = process.env.CHROMIUM ? [process.env.CHROMIUM] : PLACES;
  const executablePath = places.find((path) => existsSync(path));
  if (!executablePath) throw new Error(`there is no ${places.join(' or ')}; run \`apt-get install chromium\`, or set CHROMIUM`);
  const browser = await chromium.launch({ executablePath, args: FLAGS, timeout: PATIENCE_MS });
  return {
    /** Somebody with a window of their own, who shares nothing with anybody. */
    async visitor(options = {}) {
      const context = await browser.newContext(options);
      context.setDefaultTimeout(PATIENCE_MS);
      const page = await context.newPage();
      return watched(page);
    },
    stop: () => browser.close(),
  };
}

/** Notes what a page must not do: fail, complain, or load anything from elsewhere. */
function watched(page) {
  page.complaints = [];
  page.asked = [];
  page.answers = new Map();
  page.on('console', (message) => {
    // The browser says this of every status from 400 on, which pages of refusals have.
    if (message.text().startsWith('Failed to load resource')) return;
    if (['error', 'warning'].includes(message.type())) page.complaints.push(message.text());
  });
  page.on('pageerror', (error) => page.complaints.push(String(error)));
  page.on('request', (request) => page.asked.push(new URL(request.url()).host));
  page.on('response', (response) => page.answers.set(response.url(), response));
  return page;
}

/** The pages of Bursar and of its stand-in have this in common. `title` names a picture. */
export async function isSound(page, bursar, picture) {
  // What is waited for may be there before the style is.
  await page.waitForLoadState('load');
  await headers(page, bursar);
  await markup(page);
  await isReadable(page, picture);
  const hosts = [bursar.url, bursar.sandbox].map((url) => new URL(url).host);
  assert.deepEqual(page.asked.filter((host) => !hosts.includes(host)), [], 'it loads nothing from elsewhere');
  assert.deepEqual(page.complaints, [], 'the browser does not complain');
  const html = await page.content();
  for (const secret of [...bursar.secrets, 'sk_test_', 'rk_test_', 'bsk_', 'whsec_', '_secret_']) {
    assert(!html.includes(secret), `${secret} is on the page`);
  }
}

/** Whoever was sent back leaves neither the state nor the code on Bursar's page. */
export async function tellsNothing(page) {
  const html = await page.content();
  const query = new URL(page.url()).searchParams;
  for (const name of ['state', 'code']) {
    const value = query.get(name);
    assert(!value || !html.includes(value), `the ${name} is on the page`);
  }
}

async function headers(page, bursar) {
  const answer = page.answers.get(page.url());
  assert(answer, `nothing was received from ${page.url()}`);
  const of = await answer.allHeaders();
  const policy = of['content-security-policy'];
  for (const part of ["default-src 'none'", "style-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", 'form-action ']) {
    assert(policy?.includes(part), `${part} is not in ${policy}`);
  }
  assert(!policy.includes('unsafe') && !policy.includes('script-src'), policy);
  // The stand-in tells its own forms from those of other pages by their origin, which a
  // browser sends only where the page may be told of at all.
  const isStandIn = new URL(page.url()).origin === new URL(bursar.sandbox).origin;
  assert.equal(of['referrer-policy'], isStandIn ? 'same-origin' : 'no-referrer');
  assert.equal(of['x-content-type-options'], 'nosniff');
  assert.match(of['content-type'], /^text\/html; charset=utf-8$/);
  const lasting = new URL(page.url()).pathname.startsWith('/docs/');
  if (!lasting) assert.equal(of['cache-control'], 'no-store');
}

async function markup(page) {
  const found = await page.evaluate(() => {
    const all = [...document.querySelectorAll('*')];
    const unlabelled = [...document.querySelectorAll('input:not([type=hidden]), select, textarea')];
    return {
      language: document.documentElement.lang,
      title: document.title,
      headings: document.querySelectorAll('h1').length,
      mains: document.querySelectorAll('main').length,
      viewport: document.querySelector('meta[name=viewport]')?.content,
      styled: document.styleSheets.length,
      scripts: document.scripts.length,
      inline: all.filter((e) => e.getAttributeNames().some((n) => n === 'style' || n.startsWith('on'))).length,
      unlabelled: unlabelled.filter((e) => e.labels.length === 0).map((e) => e.name),
      unnamed: [...document.querySelectorAll('button, a')].filter((e) => !e.textContent.trim()).length,
    };
  });
  assert.equal(found.language, 'en');
  assert(found.title.length > 3, 'it has a title');
  assert.match(found.viewport, /width=device-width/);
  assert.deepEqual([found.headings, found.mains, found.styled], [1, 1, 1]);
  assert.deepEqual([found.scripts, found.inline, found.unnamed], [0, 0, 0]);
  assert.deepEqual(found.unlabelled, [], 'every field has a label');
}

/** On a phone and on a desk, by day and by night. */
async function isReadable(page, picture) {
  const before = page.viewportSize();
  for (const [device, width, height] of [['phone', 360, 740], ['desk', 1280, 800]]) {
    await page.setViewportSize({ width, height });
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0, `${device}: it scrolls sideways`);
      assert.deepEqual(await page.evaluate(faint), [], `${device}, ${colorScheme}: too little contrast`);
      if (PICTURES) {
        await mkdir(PICTURES, { recursive: true });
        await page.screenshot({ path: join(PICTURES, `${picture}-${device}-${colorScheme}.png`) });
      }
    }
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize(before);
}

/** Texts whose contrast is below 4.5 to 1 (WCAG 2.2, 1.4.3). Runs in the page. */
function faint() {
  const parse = (color) => color.match(/[\d.]+/g).map(Number);
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const ground = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const color = parse(getComputedStyle(e).backgroundColor);
      if (color.length < 4 || color[3] === 1) return color;
    }
    return [255, 255, 255];
  };
  const texts = [...document.querySelectorAll('body *')].filter((e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()));
  return texts.flatMap((e) => {
    const [a, b] = [parse(getComputedStyle(e).color), ground(e)].map(light);
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    return contrast < 4.5 ? [`${e.tagName} ${e.textContent.trim().slice(0, 40)}: ${contrast.toFixed(2)}`] : [];
  });
}
