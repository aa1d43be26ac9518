import { tmpdir } from 'node:os';
import { join } from 'node:path';

// No test may see the keys of the person who runs it, or a database of theirs.
for (const name of Object.keys(process.env)) {
  if (/_API_KEY$|_TOKEN$|^CREW_|^MODEL$|^OPENAI_/.test(name)) delete process.env[name];
}
process.env.NO_COLOR = '1';
// Most tests are of other things than of trust; those of it say so. Nothing is to be remembered where the person would look.
process.env.CREW_TRUST = '1';
process.env.XDG_DATA_HOME = join(tmpdir(), 'crew-test-data');
