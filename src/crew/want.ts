import { resolve } from 'node:path';
import type { CrewDefinition, ModuleReference } from '../definition/types.js';
import { isInside } from '../util/real-path.js';

/** Something that a definition does beside calling models and using the working directory. */
export interface Want {
  /** Where the definition says so, such as `agents.writer.tools`. */
  readonly places: readonly string[];
  /** What it does, such as `runs the code of ./tools/price.ts`. Without secrets. */
  readonly text: string;
  /** It is a shell guardrail. */
  readonly isShell: boolean;
  /** What else makes it what it is: another text is another want. */
  readonly details: string;
  /** Absolute paths of files that it runs, as far as they are known. */
  readonly files: readonly string[];
}

/** A want, at one of its places. */
export interface FoundWant extends Partial<Omit<Want, 'places'>> {
  readonly place: string;
  readonly text: string;
}

/** What wants are looked for in. */
export interface WantSources {
  /** Absolute. */
  readonly workingDirectory: string;
  /** Without what `.env` adds. */
  readonly processEnvironment: Readonly<Record<string, string | undefined>>;
  readonly definition: CrewDefinition;
  /** The text without the values of secrets. */
  readonly redact: (text: string) => string;
}

/** What it is to load these files of code, as far as there are some. */
export function codeWants(
  place: string,
  modules: readonly (ModuleReference | undefined)[],
  at: WantSources,
): FoundWant[] {
  return modules.flatMap((module) => {
    if (!module) return [];
    const { path } = module;
    return {
      place,
      text: `runs the code of ${path}`,
      files: [resolve(at.definition.source.directory, path)],
    };
  });
}

/** The words of a command that may be files of the crew or the working directory, as absolute paths. */
export function filesIn(
  words: readonly string[],
  cwd: string,
  { definition, workingDirectory }: WantSources,
): string[] {
  return words
    .map((word) => resolve(cwd, word))
    .filter((path) => isInside(definition.source.directory, path) || isInside(workingDirectory, path));
}
