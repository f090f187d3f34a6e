import app from './zh-CN/app.json';

export const texts = { ...app };
