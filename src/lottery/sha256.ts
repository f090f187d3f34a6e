import { hash } from 'node:crypto';
import type { Sha256 } from '../draw/roll.ts';

export const nodeSha256: Sha256 = {
  binary: (data) => hash('sha256', data, 'binary'),
  hex: (text) => hash('sha256', text, 'hex'),
};
