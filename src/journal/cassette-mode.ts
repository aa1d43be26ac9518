/** What a cassette does about a call whose request has changed since: end the run, or answer all the same and warn. */
export type CassetteMode = 'strict' | 'lenient';
