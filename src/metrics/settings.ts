import { hostShape, whole } from '../platform/settings/settingShapes.ts';
import { inCode, settingsGroup, type ConfigOf } from '../platform/settings/settingsGroup.ts';

export const metricsSettings = settingsGroup({
  prefixes: ['METRICS'],
  settings: {
    /** Where Prometheus reads this node's metrics, beside PORT, which is for everybody. Unset: nothing is measured. */
    METRICS_PORT: whole(0, 65_535).optional(),
    METRICS_HOST: hostShape.default('127.0.0.1'),
  },
  read: (values) => inCode(values),
});

export type MetricsConfig = ConfigOf<typeof metricsSettings>;
