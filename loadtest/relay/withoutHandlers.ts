/** Loaded into a server before its own script: nothing that happens is handled, so that draws can be measured without it. */
import { EventBus } from '../../src/platform/events/bus.ts';

EventBus.prototype.on = () => undefined;
EventBus.prototype.onBatch = () => undefined;
EventBus.prototype.once = () => undefined;
