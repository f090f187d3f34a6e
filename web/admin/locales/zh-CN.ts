import app from './zh-CN/app.json';

export default { ...app };
