/**
 * Loaded into a server by `--import`, before everything else: at SIGUSR2 it counts what is alive once the garbage is collected, and
 * writes that to the file CENSUS_FILE. Until then it costs nothing.
 */
import { EventEmitter, getEventListeners } from 'node:events';
import { renameSync, writeFileSync } from 'node:fs';
import { Session, type Runtime } from 'node:inspector';

export interface Census {
  /** Of less than half an hour that have not fired and were not cleared, whether they keep the process or not. */
  timers: number;
  /** Of all emitters, and of all signals by which something is given up. */
  listeners: number;
  /** Of the heap, once it was collected. */
  heapBytes: number;
  /** What keeps the process, by kind. */
  resources: Record<string, number>;
}

const file = process.env['CENSUS_FILE']!;
const timer = setTimeout(() => undefined);
const counted = { emitter: EventEmitter.prototype, signal: AbortSignal.prototype, getEventListeners };
Object.defineProperty(globalThis, '__counted', {
  value: { ...counted, timer: Object.getPrototypeOf(timer) as object },
});
clearTimeout(timer);

// Whatever lasts longer is how a limit is forgotten that was counted here while Redis was away.
const LONGEST_MS = 30 * 60_000;
const TIMERS = `function () { return this.filter((timer) => !timer._destroyed && timer._idleTimeout < ${LONGEST_MS}).length; }`;
// A bare function is one listener, several are a list.
const EMITTERS = `function () {
  const of = (entry) => (typeof entry === 'function' ? 1 : (entry?.length ?? 0));
  const all = (events) => Reflect.ownKeys(events).reduce((sum, name) => sum + of(events[name]), 0);
  return this.reduce((sum, { _events: events }) => sum + (events == null ? 0 : all(events)), 0);
}`;
const SIGNALS = `function () {
  const of = (signal) => __counted.getEventListeners(signal, 'abort').length;
  return this.reduce((sum, signal) => sum + (signal instanceof AbortSignal && signal !== AbortSignal.prototype ? of(signal) : 0), 0);
}`;

process.on('SIGUSR2', () => {
  const session = new Session();
  session.connect();
  const census: Census = {
    timers: countObjects(session, 'timer', TIMERS),
    listeners: countObjects(session, 'emitter', EMITTERS) + countObjects(session, 'signal', SIGNALS),
    heapBytes: process.memoryUsage().heapUsed,
    resources: {},
  };
  session.disconnect();
  for (const name of process.getActiveResourcesInfo())
    census.resources[name] = (census.resources[name] ?? 0) + 1;
  writeFileSync(`${file}.new`, JSON.stringify(census));
  renameSync(`${file}.new`, file);
});

/** Of all objects with that prototype, what the function makes of their list. The inspector of the own thread answers at once. */
function countObjects(session: Session, prototype: string, counting: string): number {
  const objectGroup = 'census';
  const ask = <Answer>(method: string, parameters: object): Answer => {
    let answer: Answer | undefined;
    session.post(method, parameters, (error: Error | null, given?: object) => {
      if (error !== null) throw new Error(error.message);
      answer = given as Answer;
    });
    return answer!;
  };
  const { result } = ask<Runtime.EvaluateReturnType>('Runtime.evaluate', {
    ...{ expression: `__counted.${prototype}`, objectGroup },
  });
  const { objects } = ask<Runtime.QueryObjectsReturnType>('Runtime.queryObjects', {
    ...{ prototypeObjectId: result.objectId, objectGroup },
  });
  const called = ask<Runtime.CallFunctionOnReturnType>('Runtime.callFunctionOn', {
    ...{ objectId: objects.objectId, functionDeclaration: counting, returnByValue: true, objectGroup },
  });
  session.post('Runtime.releaseObjectGroup', { objectGroup });
  if (called.exceptionDetails !== undefined)
    throw new Error(called.exceptionDetails.exception?.description ?? called.exceptionDetails.text);
  return called.result.value as number;
}
