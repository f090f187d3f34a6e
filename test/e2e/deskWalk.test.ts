import { onFace, SUPER_ADMIN } from './face.ts';
import { mustBeWalkable } from './pages.ts';

const PATHS = [
  '/reports?group=points',
  '/behavior',
  '/behavior?view=retention',
  '/behavior?view=people',
  '/realtime',
  '/system',
  '/people',
  '/people?person=2',
  '/people/segments',
  '/people/blacklist',
  '/people/import',
  '/points',
  '/points/transfers?status=',
  '/products?product=new',
  '/inventory',
  '/trades?status=all',
  '/rules',
  '/rules/1',
  '/rules/holidays',
  '/redeem',
  '/redeem/deliveries',
  '/service',
  '/moderation?status=',
  '/moderation/restrictions',
  '/moderation/words',
  '/notices',
  '/events',
  '/events/types',
  '/webhooks',
  '/restaurants',
  '/keys',
  '/roles',
  '/audit',
  '/logins',
  '/networks',
];

onFace('every page of the console', (face) => {
  it('RW-10 axe finds nothing serious on any page in either theme, and none is wider than the screen of a phone', async () => {
    const desk = await face.deskOf(SUPER_ADMIN, '/people', { reducedMotion: 'reduce' });
    await mustBeWalkable(desk, `${face.origin}/admin`, PATHS);
    await face.putAway();
  }).timeout(240_000);
});
