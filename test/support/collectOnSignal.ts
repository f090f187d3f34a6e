/** Loaded by a server whose memory is looked at (`--expose-gc`): it collects its garbage when it is told to. */
process.on('SIGUSR2', () => void globalThis.gc?.());
