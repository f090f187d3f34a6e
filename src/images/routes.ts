import { z } from 'zod';
import { identityOf, route, type Route } from '../platform/http/route.ts';
import { UploadBounds } from '../platform/http/uploadBounds.ts';
import { LIMITS } from '../platform/limits.ts';
import type { Images } from './images.ts';
import { imageBody, imagePath, imageShape } from './messages.ts';
import type { Objects } from './objects.ts';

/** How long a link to a bucket is good; a browser keeps it for half of that. */
const LINK_SECONDS = 600;

export interface ImageRoutesServices {
  images: Images;
  imageObjects: Objects;
}

export function imageRoutes(services: ImageRoutesServices): Route[] {
  return [uploadRoute(services), imageRoute(services)];
}

function uploadRoute({ images }: ImageRoutesServices): Route {
  const bounds = new UploadBounds({
    atOnce: LIMITS.imageUploads,
    atOncePerPerson: LIMITS.imageUploadsPerPerson,
    perMinute: LIMITS.imagesPerMinute,
  });
  return route({
    method: 'post',
    path: '/images',
    access: 'user',
    summary: 'Send a picture; it is made anew, upright, without anything that is not the picture',
    creates: true,
    fileForm: { field: 'file', bytes: LIMITS.imageBytes, enter: (caller) => bounds.enter(caller) },
    body: imageBody,
    data: imageShape,
    handle: async (input) => ({ data: await images.keep(identityOf(input).userId, input.body.file) }),
  });
}

function imageRoute({ images, imageObjects }: ImageRoutesServices): Route {
  return route({
    method: 'get',
    path: '/images/:key',
    access: 'public',
    summary: 'A picture, for whoever has its address',
    refusals: ['NOT_FOUND'],
    objectType: 'image/*',
    params: imagePath,
    data: z.unknown(),
    handle: async ({ params }) => {
      const { name, contentType: type, bytes, hash } = await images.find(params.key);
      const url = imageObjects.linkTo?.(name, LINK_SECONDS);
      if (url !== undefined) return { link: { url, seconds: LINK_SECONDS / 2 } };
      return { object: { type, bytes, hash, open: (range) => images.open(name, range) } };
    },
  });
}
