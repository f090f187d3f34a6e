import { createSession } from '../shared/session.ts';

export const { session, client, login, logout, remember, forget, problemOf } =
  createSession('kaijiang.console.login');
