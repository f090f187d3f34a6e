import app from './en/app.json';

export const texts = { ...app };
