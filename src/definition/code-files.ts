import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ValuePath as Path } from '../util/format-path.js';
import { describeReadError } from './read-source.js';
import type { Report } from './report.js';
import type { ModuleReference } from './types.js';

export interface PathOptions {
  /** The definition's folder, absolute. */
  readonly directory: string;
  readonly report: Report;
}

/** True for what names a file of code, not a tool. */
export function isModulePath(text: string): boolean {
  return /^\.{0,2}[/\\]|^[A-Za-z]:[/\\]/.test(text) || /\.[cm]?[jt]s(#|$)/.test(text);
}

/** `./file.ts#export` in its parts; without an export the default one is meant. */
export function parseModulePath(text: string): { readonly path: string; readonly exportName: string | undefined } {
  const hash = text.lastIndexOf('#');
  if (hash < 0) return { path: text, exportName: undefined };
  return { path: text.slice(0, hash), exportName: text.slice(hash + 1) || undefined };
}

/** A module as it is written: `./file.ts#export`. */
export function formatModulePath({ path, exportName }: ModuleReference): string {
  return exportName === undefined ? path : `${path}#${exportName}`;
}

/** True where the file is there; otherwise it is reported. */
export function checkFile(file: string, path: Path, { directory, report }: PathOptions): boolean {
  const trouble = findTrouble(resolve(directory, file));
  if (trouble === undefined) return true;
  report.error(path, `${file}: ${trouble}`, { hint: "paths start at the definition's folder" });
  return false;
}

function findTrouble(path: string): string | undefined {
  try {
    return statSync(path).isFile() ? undefined : 'this is not a file';
  } catch (error) {
    return describeReadError(error);
  }
}
