import assert from 'node:assert/strict';
import { after, before, it } from 'mocha';
import { forEachDatabase } from '../support/databases.ts';
import { eventually, type Seat } from '../support/seat.ts';
import { openVenue, type Venue } from '../support/venue.ts';

const BURST = { diners: 5, requests: 3, draws: 10 };
const BURST_DRAWS = BURST.diners * BURST.requests * BURST.draws;

forEachDatabase('a rush in a campaign’s room', (_open, openUrl) => {
  let venue: Venue;
  let seats: Seat[];
  before(async () => {
    venue = await openVenue(await openUrl());
    // One point a draw: everybody can afford all of it.
    const { campaignId } = await venue.addCampaign({ campaign: { cost_per_draw: 1_00 } });
    seats = [];
    for (let diner = 1; diner <= BURST.diners; diner++)
      seats.push(await venue.sit(`139000000${String(diner).padStart(2, '0')}`, campaignId));
  });
  after(() => venue?.close());

  it('L-8 leaves a true board behind, though nothing changes after it', async () => {
    for (let burst = 1; burst <= 4; burst++) {
      const requests = seats.flatMap((seat) =>
        Array.from({ length: BURST.requests }, (_, at) =>
          seat.draw({ request_id: `rush-${burst}-${at}`, draw_count: BURST.draws }),
        ),
      );
      await Promise.all(requests);
      await eventually(() => {
        for (const seat of seats) assert.equal(seat.state().draw_no, burst * BURST_DRAWS);
      });
    }
    await eventually(() => {
      for (const { leaderboard, recent_winners: winners } of seats.map((seat) => seat.shown())) {
        assert.equal(
          leaderboard.reduce((sum, { draws }) => sum + draws, 0),
          4 * BURST_DRAWS,
        );
        assert.ok(
          winners[0]!.draw_no > 3 * BURST_DRAWS,
          `the newest winner is of draw ${winners[0]!.draw_no}`,
        );
      }
    });
  });
});
