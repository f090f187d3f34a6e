import base from '../vite.config.ts';

/** The stages alone, on a page of their own that plays them. */
export default {
  ...base,
  root: import.meta.dirname,
  build: { ...base.build, rolldownOptions: { checks: { pluginTimings: false } } },
};
