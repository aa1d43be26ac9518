import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Tool } from '../../../src/tools/tool.js';
import { temporaryFolder } from '../../helpers/temporary-folder.js';
import { callTool } from '../builtin.js';
import { openScene, programServer } from './scene.js';

const require = createRequire(import.meta.url);
/** A server from npm, over stdio. */
const npmServer = (name: string, ...args: string[]) => {
  const folder = dirname(require.resolve(`@modelcontextprotocol/server-${name}/package.json`));
  return programServer(process.execPath, [join(folder, 'dist/index.js'), ...args]);
};

describe('@modelcontextprotocol/server-filesystem', () => {
  it('reads, writes, and refuses what is outside of its folder', async () => {
    const folder = realpathSync(temporaryFolder({ 'a.txt': 'Hello from a file.' }));
    const scene = openScene({ files: npmServer('filesystem', folder) });
    const tools = new Map((await scene.load('mcp:files')).map((tool) => [tool.name, tool]));
    const call = (name: string, args: Record<string, string>) => callTool(tools.get(name) as Tool, args, folder);
    expect([...tools.values()].map(({ name, effects }) => `${name} ${effects}`)).toMatchInlineSnapshot(`
      [
        "create_directory external",
        "directory_tree none",
        "edit_file external",
        "get_file_info none",
        "list_allowed_directories none",
        "list_directory none",
        "list_directory_with_sizes none",
        "move_file external",
        "read_file none",
        "read_media_file none",
        "read_multiple_files none",
        "read_text_file none",
        "search_files none",
        "write_file external",
      ]
    `);
    expect(await call('read_text_file', { path: join(folder, 'a.txt') })).toMatchInlineSnapshot(`
      "<data from="read_text_file">
      Hello from a file.
      </data>"
    `);
    expect(await call('write_file', { path: join(folder, 'b.txt'), content: 'x' })).toMatchInlineSnapshot(`
      "<data from="write_file">
      Successfully wrote to <folder>/b.txt
      </data>"
    `);
    expect(await call('read_text_file', { path: '/etc/passwd' })).toMatchInlineSnapshot(`
      "refused: the server says that it failed
      <data from="read_text_file">
      Access denied - path outside allowed directories: /etc/passwd not in <folder>
      </data>"
    `);
    expect(await call('read_text_file', {})).toMatchInlineSnapshot(`"bad arguments: path: is missing"`);
  });
});

describe('@modelcontextprotocol/server-everything', () => {
  it('gives text, images, resources, links and objects', async () => {
    const scene = openScene({ all: npmServer('everything') });
    const tools = new Map((await scene.load('mcp:all')).map((tool) => [tool.name, tool]));
    const call = (name: string, args: Record<string, string | number>) => callTool(tools.get(name) as Tool, args);
    expect(await call('echo', { message: 'hi' })).toMatchInlineSnapshot(`
      "<data from="echo">
      Echo: hi
      </data>"
    `);
    expect(await call('get-tiny-image', {})).toMatchInlineSnapshot(`
      "<data from="get-tiny-image">
      Here's the image you requested:
      [image: image/png, 4,033 bytes]
      The image above is the MCP logo.
      </data>"
    `);
    expect(await call('get-structured-content', { location: 'Chicago' })).toMatchInlineSnapshot(`
      "<data from="get-structured-content">
      {"temperature":36,"conditions":"Light rain / drizzle","humidity":82}
      </data>"
    `);
    expect(await call('get-resource-links', { count: 2 })).toMatchInlineSnapshot(`
      "<data from="get-resource-links">
      Here are 2 resource links to resources available in this server:
      [resource demo://resource/dynamic/blob/1: Blob Resource 1. Resource 1: plaintext resource]
      [resource demo://resource/dynamic/text/2: Text Resource 2. Resource 2: plaintext resource]
      </data>"
    `);
    expect(await call('trigger-long-running-operation', { duration: 0.1, steps: 2 })).toMatchInlineSnapshot(`
      "<data from="trigger-long-running-operation">
      Long running operation completed. Duration: 0.1 seconds, Steps: 2.
      </data>"
    `);
    // They are only offered to clients that let a server ask them.
    expect([...tools.keys()].filter((name) => /sampling|elicitation|roots/.test(name))).toEqual([]);
  });
});
