import { z } from 'zod';
import { actorOf, route, type Route } from '../../platform/http/route.ts';
import { LIMITS } from '../../platform/limits.ts';
import { idShape, idText } from '../../platform/shapes.ts';
import { countCodes } from './coupons.ts';
import { codesOfCsv } from './csv.ts';
import { uploadCoupons, type UploadServices } from './uploadCoupons.ts';

const prizePath = z.strictObject({ id: idText });

/** What somebody types in who reads it off a phone. */
const codeShape = z
  .string()
  .trim()
  .regex(
    new RegExp(`^[\\x20-\\x7E]{1,${LIMITS.couponCodeCharacters}}$`),
    `must be 1 to ${LIMITS.couponCodeCharacters} visible ASCII characters`,
  );

const codesShape = z
  .array(codeShape)
  .min(1)
  .max(LIMITS.couponsPerUpload)
  .superRefine((codes, context) => {
    const seen = new Set<string>();
    codes.forEach((code, at) => {
      if (seen.has(code)) context.addIssue({ code: 'custom', path: [at], message: 'is there twice' });
      seen.add(code);
    });
  })
  .meta({ example: ['KJ-2026-0001', 'KJ-2026-0002'] });

export function couponRoutes(services: UploadServices): Route[] {
  return [
    route({
      method: 'post',
      path: '/admin/prizes/:id/coupons',
      access: 'campaigns:operate',
      summary: "Add codes to a prize's pool of coupons; those that it has already are passed over",
      refusals: ['NOT_FOUND', 'CONFLICT', 'MOVED'],
      params: prizePath,
      body: z
        .strictObject({ codes: codesShape })
        .meta({ example: { codes: ['SPRING-0001', 'SPRING-0002'] } }),
      csvBody: codesOfCsv,
      bodyBytes: LIMITS.couponUploadBytes,
      data: z.object({
        prize_id: idShape,
        added: z.int(),
        known: z.int(),
        codes: z.int().meta({ description: 'All of the pool, given ones among them' }),
      }),
      handle: async (input) => {
        const { params, body } = input;
        const upload = { prizeId: params.id, codes: body.codes, actor: actorOf(input) };
        const { added, codes } = await uploadCoupons(services, upload);
        return {
          data: { prize_id: params.id, added, known: body.codes.length - added, codes },
        };
      },
    }),
    route({
      method: 'get',
      path: '/admin/prizes/:id/coupons',
      access: 'campaigns:operate',
      summary: "How many codes a prize's pool has",
      refusals: ['NOT_FOUND'],
      params: prizePath,
      data: z.object({ prize_id: idShape, codes: z.int(), given: z.int(), left: z.int() }),
      handle: async ({ params }) => ({
        data: { prize_id: params.id, ...(await countCodes(services.database.currentReader, params.id)) },
      }),
    }),
  ];
}
