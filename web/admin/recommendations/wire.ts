import type { z } from 'zod';
import type { modelShape, recommendationsShape, reportShape } from '../../../src/smart/messages.ts';

export type Model = z.output<typeof modelShape>;
export type Report = z.output<typeof reportShape>;
export type Recommendations = z.output<typeof recommendationsShape>;
export interface Feedback {
  feedback_id: number;
  user_id: number;
  satisfaction: number | null;
  text: string | null;
  created_at: string;
}
