/** Shapes of what is told of the server itself, as they are on the wire. */
import { z } from 'zod';
import { MARKETS, type Market } from '../draw/market.ts';
import { timeShape } from '../platform/shapes.ts';

export const aboutShape = z.object({
  business_timezone: z.string().meta({
    description: 'IANA name: business days, and the weeks and months of them, begin at midnight there',
    example: 'Asia/Shanghai',
  }),
  market: z.enum(Object.keys(MARKETS) as Market[]).meta({ description: 'Whose rules campaigns keep to' }),
  version: z.string().meta({ description: 'Of the build that answers', example: '0.1.0' }),
  now: timeShape.meta({ description: 'When this was answered: where it was kept, up to a minute ago' }),
});
