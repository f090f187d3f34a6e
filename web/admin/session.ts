import { createSession } from '../shared/session.ts';

export const { session, client, login, logout, forget, problemOf } = createSession('kaijiang.console.login');
