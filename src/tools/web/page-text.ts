import { Readability } from '@mozilla/readability';
import { parseHTML } from 'linkedom';
import { ToolError } from '../tool-error.js';
import { toMarkdown } from '../documents/to-markdown.js';

/** Elements without text for readers; what is hidden may be there to talk to models behind people's backs. */
const UNREAD =
  'script, style, noscript, template, svg, iframe, object, embed, canvas, head > link, [hidden], [aria-hidden="true"], input[type="hidden"]';
const HIDING = /(?:display\s*:\s*none|visibility\s*:\s*hidden|(?:font-size|opacity)\s*:\s*0(?![.\d]*[1-9]))/i;

/** Share of a page's text that the article has to have: with less, it is only a piece of what there is. */
const LEAST_SHARE = 0.15;
const LONGEST_LABEL = 200;
/** Most elements within each other: each level costs more than the one before, and no page for readers has so many. */
const DEEPEST = 250;

/** What of an element is asked here. */
interface Element {
  readonly tagName: string;
  readonly textContent: string | null;
  innerHTML: string;
  readonly childNodes: Iterable<unknown>;
  readonly parentNode: object | null;
  append(...nodes: unknown[]): void;
  remove(): void;
  getAttribute(name: string): string | null;
  setAttribute(name: string, value: string): void;
  removeAttribute(name: string): void;
  querySelectorAll(selectors: string): Iterable<Element>;
}

interface Page {
  readonly document: ConstructorParameters<typeof Readability>[0];
  readonly body: Element;
  readonly title: string;
}

/**
 * The article of a page as Markdown, its title first; all that stands on the page where there is no article. Rejects where
 * the page is too much for that.
 */
export async function readPage(html: string, url: string): Promise<string> {
  const { document, body, title } = openPage(html, url);
  checkDepth(body);
  const whole = body.innerHTML;
  const length = lengthOf(body.textContent);
  const article = new Readability(document, { keepClasses: true }).parse();
  const isArticle = lengthOf(article?.textContent) > length * LEAST_SHARE;
  const text = await toMarkdown((isArticle && article?.content) || whole);
  const head = (isArticle && oneLine(article?.title)) || title;
  const [, heading] = /^#{1,2} (.+)$/m.exec(text.slice(0, text.indexOf('\n'))) ?? [];
  const rest = heading === head ? text.slice(text.indexOf('\n')).trimStart() : text;
  return head === '' ? text : `# ${head}\n\n${rest}`;
}

/** The links of a page, each once, as a list of text and address. */
export function listLinks(html: string, url: string): string {
  const { body } = openPage(html, url);
  const labels = new Map<string, string>();
  for (const link of body.querySelectorAll('a[href]')) {
    const address = link.getAttribute('href') ?? '';
    const label = (oneLine(link.textContent) || oneLine(link.getAttribute('aria-label'))).slice(0, LONGEST_LABEL);
    if (!labels.get(address)) labels.set(address, label);
  }
  return [...labels]
    .map(([address, label]) => (label === '' ? `- <${address}>` : `- [${label}](${address})`))
    .join('\n');
}

/** The page without what nobody reads, its addresses in full. */
function openPage(html: string, url: string): Page {
  // What stands behind the end of the body belongs to it all the same.
  const open = html.replaceAll(/<\/(?:body|html)\s*>/gi, '');
  const { document } = parseHTML(/<html[\s>]/i.test(open) ? open : `<html><body>${open}`);
  const all = (selectors: string): Element[] => [...(document.querySelectorAll(selectors) as Iterable<Element>)];
  const title = oneLine(all('title')[0]?.textContent);
  const body = all('body')[0] ?? addBody(document);
  for (const element of all(UNREAD)) element.remove();
  for (const element of all('[style]')) if (HIDING.test(element.getAttribute('style') ?? '')) element.remove();
  for (const element of body.querySelectorAll('title')) element.remove();
  const base = absolute(all('base[href]')[0]?.getAttribute('href'), url) ?? url;
  for (const link of all('a[href]')) setAddress(link, 'href', base);
  for (const image of all('img')) {
    if (oneLine(image.getAttribute('alt')) === '' || !setAddress(image, 'src', base)) image.remove();
  }
  return { document, body, title };
}

function checkDepth(body: Element): void {
  const depths = new WeakMap<object, number>();
  for (const element of body.querySelectorAll('*')) {
    const depth = (element.parentNode ? (depths.get(element.parentNode) ?? 0) : 0) + 1;
    if (depth > DEEPEST) throw new ToolError('its elements are too deep within each other');
    depths.set(element, depth);
  }
}

/** What HTML leaves to the reader: the body of a document that does not say where it begins. */
function addBody(document: { readonly documentElement: Element; createElement(name: string): Element }): Element {
  const body = document.createElement('body');
  const children = [...document.documentElement.childNodes] as (Element | { readonly tagName?: undefined })[];
  body.append(...children.filter(({ tagName }) => tagName !== 'HEAD'));
  document.documentElement.append(body);
  return body;
}

/** Makes an address full; one that leads to nothing, or to a place of the same page, is taken away. */
function setAddress(element: Element, attribute: string, base: string): boolean {
  const value = element.getAttribute(attribute)?.trim() ?? '';
  const full = value.startsWith('#') ? undefined : absolute(value, base);
  if (full === undefined) element.removeAttribute(attribute);
  else element.setAttribute(attribute, full);
  return full !== undefined;
}

function absolute(address: string | null | undefined, base: string): string | undefined {
  if (!address || !URL.canParse(address, base)) return undefined;
  const { protocol, href } = new URL(address, base);
  return protocol === 'http:' || protocol === 'https:' ? href : undefined;
}

function oneLine(text: string | null | undefined): string {
  return (text ?? '').replaceAll(/\s+/g, ' ').trim();
}

/** Without spaces, of which pages have any number. */
function lengthOf(text: string | null | undefined): number {
  return (text ?? '').replaceAll(/\s+/g, '').length;
}
