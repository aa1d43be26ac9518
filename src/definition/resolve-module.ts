import type { ValuePath as Path } from '../util/format-path.js';
import { checkFile, parseModulePath, type PathOptions } from './code-files.js';
import type { ModuleReference } from './types.js';

/** The file of code that a text names; undefined where there is none, or where it is reported. */
export function resolveModule(text: string | undefined, path: Path, options: PathOptions): ModuleReference | undefined {
  if (text === undefined) return undefined;
  const module = parseModulePath(text.trim());
  return checkFile(module.path, path, options) ? module : undefined;
}

/** The files of code that a text or a list of texts names, but for those that are reported. */
export function resolveModules(
  value: string | readonly string[] | undefined,
  path: Path,
  options: PathOptions,
): ModuleReference[] {
  if (typeof value === 'string') {
    const module = resolveModule(value, path, options);
    return module ? [module] : [];
  }
  return (value ?? []).flatMap((text, index) => resolveModule(text, [...path, index], options) ?? []);
}
