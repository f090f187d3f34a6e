import { createSession } from '../shared/session.ts';

export const { session, client, login, logout, remember, forget, problemOf, onDone } =
  createSession('kaijiang.login');
