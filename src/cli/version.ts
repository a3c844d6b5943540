/** The version of this package; the build puts it in. */
import manifest from '../../package.json' with { type: 'json' };

export const VERSION: string = manifest.version;
