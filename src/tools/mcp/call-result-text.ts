import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { formatBytes } from '../../util/amounts.js';

type Part = CallToolResult['content'][number];

/** What a tool of an MCP server gave, as text for the model: images and sounds are only named. */
export function callResultText({
  content,
  structuredContent,
}: Pick<CallToolResult, 'content' | 'structuredContent'>): string {
  const hasText = content.some((part) => part.type === 'text' && part.text !== '');
  const structured = structuredContent === undefined || hasText ? [] : [JSON.stringify(structuredContent)];
  const texts = [...content.map(partText), ...structured].filter((text) => text !== '');
  return texts.length === 0 ? '[the tool gave nothing back]' : texts.join('\n');
}

function partText(part: Part): string {
  switch (part.type) {
    case 'text':
      return part.text;
    case 'image':
    case 'audio':
      return `[${part.type}: ${part.mimeType}, ${sizeOf(part.data)}]`;
    case 'resource': {
      const { resource } = part;
      if ('text' in resource) return resource.text;
      return `[resource ${resource.uri}: ${resource.mimeType ?? 'of unknown type'}, ${sizeOf(resource.blob)}]`;
    }
    case 'resource_link':
      return `[resource ${part.uri}: ${[part.title ?? part.name, part.description].filter(Boolean).join('. ')}]`;
  }
}

/** How much base64 text holds. */
function sizeOf(base64: string): string {
  return formatBytes(Buffer.byteLength(base64, 'base64'));
}
