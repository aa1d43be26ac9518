import type TurndownService from 'turndown';

/** What of an element is asked here. */
interface TableNode {
  readonly nodeName: string;
  readonly parentNode: TableNode | null;
  querySelectorAll(selectors: string): ArrayLike<{ readonly children: ArrayLike<unknown> }>;
}

/** Contents that no line of a table can hold. */
const TOO_MUCH = 'table, h1, h2, h3, h4, h5, h6, pre, blockquote, hr';

/**
 * Teaches tables to a converter, in time that grows with their size: the first row is the head, breaks in cells become
 * spaces. Tables that only lay out a page are given as what is in them.
 */
export function useTables(turndown: TurndownService): void {
  const layouts = new WeakMap<TableNode, boolean>();
  const isLayout = (node: unknown): boolean => {
    let table = node as TableNode | null;
    while (table && table.nodeName !== 'TABLE') table = table.parentNode;
    if (!table) return true;
    const known = layouts.get(table) ?? (table.querySelectorAll(TOO_MUCH).length > 0 || countColumns(table) < 2);
    layouts.set(table, known);
    return known;
  };

  turndown.addRule('table-cell', {
    filter: ['th', 'td'],
    replacement: (content, node) =>
      isLayout(node)
        ? `\n\n${content}\n\n`
        : ` ${content
            .trim()
            .replaceAll(/\s+/g, ' ')
            .replaceAll('|', String.raw`\|`)} |`,
  });
  turndown.addRule('table-row', {
    filter: 'tr',
    replacement: (content, node) => (isLayout(node) ? content : `\n|${content}`),
  });
  turndown.addRule('table-section', {
    filter: ['thead', 'tbody', 'tfoot'],
    replacement: (content) => content,
  });
  turndown.addRule('table', {
    filter: 'table',
    replacement: (content, node) => (isLayout(node) ? `\n\n${content}\n\n` : `\n\n${withHead(content)}\n\n`),
  });
}

function countColumns(table: TableNode): number {
  return Array.from(table.querySelectorAll('tr')).reduce((most, { children }) => Math.max(most, children.length), 0);
}

/** The rows with a line below the first one; what else the table has, such as a caption, stands before them. */
function withHead(content: string): string {
  const lines = content.split('\n').filter((line) => line.trim() !== '');
  const rows = lines.filter((line) => line.startsWith('| '));
  const columns = rows[0]?.match(/(?<!\\)\|/g)?.length ?? 1;
  const others = lines.filter((line) => !line.startsWith('| '));
  const table = rows.toSpliced(1, 0, `|${' --- |'.repeat(columns - 1)}`).join('\n');
  return [...others, table].join('\n\n');
}
