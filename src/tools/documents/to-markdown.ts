/** Markdown of an HTML document or a piece of one; what is no text of it, such as scripts, is left out. */
export async function toMarkdown(html: string): Promise<string> {
  const { default: Turndown } = await import('turndown');
  const { useTables } = await import('./markdown-tables.js');
  const turndown = new Turndown({ headingStyle: 'atx', codeBlockStyle: 'fenced', bulletListMarker: '-' });
  useTables(turndown);
  turndown.addRule('deleted', { filter: ['del', 's'], replacement: (content) => `~~${content}~~` });
  turndown.remove(['script', 'style', 'noscript', 'template' as 'object']);
  // It is read, not set: names such as snake_case stay as they are.
  turndown.escape = (text) => text;
  return turndown.turndown(html);
}
