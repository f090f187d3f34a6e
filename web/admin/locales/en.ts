import app from './en/app.json';
import parts from './en/parts.json';

export const texts = { ...app, ...parts };
