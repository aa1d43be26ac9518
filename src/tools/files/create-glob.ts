import { basename } from 'node:path';

/** A test for relative paths with `/`. A glob without a slash is for their last part, wherever it stands. Default: capitals count. */
export async function createGlob(
  glob: string,
  { isCaseless = false }: { readonly isCaseless?: boolean } = {},
): Promise<(path: string) => boolean> {
  const { default: picomatch } = await import('picomatch');
  const fits = picomatch(glob.replace(/^(?:\.?\/)+/, ''), { dot: true, nocase: isCaseless });
  return glob.includes('/') ? (path) => fits(path) : (path) => fits(basename(path));
}
