/** What others have of the client. */
export * from './kaijiangClient.ts';
export * from './kaijiangError.ts';
export { createRequestId } from './requestId.ts';
export type { Api, DoneCall, FormOptions, PostOptions } from './api.ts';
export type { TrackedBehavior } from './behaviorTracker.ts';
export type { CampaignSeat, DrawOptions } from './campaignSeat.ts';
export type { ChatOptions, ChatSeat, SayOptions } from './chatSeat.ts';
export type { NotificationSeat } from './notificationSeat.ts';
export type { RequestOptions, RoomSeat, SeatEvent, SeatStatus } from './roomSeat.ts';
export type { CampaignState } from '../../rooms/campaign/campaignState.ts';
export type { ChatState } from '../../rooms/chat/chatState.ts';
export type { MessageView, Sent } from '../chat/messages.ts';
export type { DrawReply, Odds, Standing } from '../lottery/messages.ts';
export type { NotificationOnWire } from '../notifications/messages.ts';
