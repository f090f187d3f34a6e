import { pathsOf } from '../paths.ts';

export default pathsOf('zh');
