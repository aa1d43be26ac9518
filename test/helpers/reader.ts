import { spawnSync } from 'node:child_process';
import { CREW } from './run-process.js';

/** A user to run the command as who may not read and write everything: root may, so as root it is nobody. */
export const READER = process.getuid?.() === 0 ? 65_534 : undefined;

/** False where the command cannot be run so, such as from a folder that nobody may look into. */
export const canRunAsReader =
  READER === undefined || spawnSync(process.execPath, [CREW, '--version'], { uid: READER, gid: READER }).status === 0;

/** For the title of a test that is skipped then. */
export const READER_WORDS = canRunAsReader ? '' : ' (skipped: the command cannot run as nobody here)';
