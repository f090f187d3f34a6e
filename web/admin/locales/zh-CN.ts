import app from './zh-CN/app.json';
import parts from './zh-CN/parts.json';

export const texts = { ...app, ...parts };
