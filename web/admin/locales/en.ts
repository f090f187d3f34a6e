import app from './en/app.json';

export default { ...app };
