/** Every bound of the product in one place. Those that operators may change are settings. */
export const LIMITS = {
  /** Bytes of one HTTP body. */
  httpBodyBytes: 64 * 1024,
  /** Requests of one connection that are answered at a time: browsers and proxies send one after the other. */
  requestsPerConnection: 32,
  /** Bytes of one room message; a larger one is answered with PAYLOAD_TOO_LARGE. */
  roomMessageBytes: 16 * 1024,
  /** Bytes at which the socket itself gives up on a frame and closes (1009). */
  socketFrameBytes: 1024 * 1024,
  /** Frames that one message may come in; browsers cut at 64 KiB and more. */
  socketFragments: 64,
  /** Bytes that a connection may send before its join is acknowledged. */
  joiningBytes: 1024,
  /** Bytes that wait for a client until it has acknowledged its join. */
  joiningQueueBytes: 256 * 1024,
  /** How long a client may take to acknowledge its join. */
  joinAcknowledgementMs: 10_000,
  /** Messages that wait while their connection is held; with more it is closed. */
  heldMessages: 1000,
  /** How long in all a connection may be held; a tenth of the time it always may. */
  heldMs: 3000,
  /** Bytes that a client may leave unread. */
  unsentBytes: 1024 * 1024,
  accessTokenBytes: 2048,
  /** How long a connection outlives its access token. */
  expiredTokenMs: 60_000,
  /** Reads of standings that run at a time on one node; commits need the database as well. */
  standingReads: 4,
  /** Standings that wait to be read; one more is answered BUSY. */
  waitingStandings: 2000,
  /** The type of a message; a longer one is nobody's. */
  messageTypeBytes: 64,
  drawsPerRequest: 10,
  /** Transactions waiting for the one SQLite connection, as for one of MySQL's pool; one more is answered BUSY. */
  queuedTransactions: 1000,
  /**
   * How long MariaDB or MySQL may take over one statement, or over giving a connection, before the answer is BUSY. Longer than a
   * statement waits for a lock there.
   */
  databaseAnswerMs: 12_000,
  /** How long a SQLite statement is tried again while another program has the file; then the answer is BUSY. */
  sqliteBusyMs: 2000,
  /** Draws decided and stored by one transaction. */
  drawsPerBatch: 1000,
  /** Requests waiting in one campaign's queue; one more is answered BUSY. */
  queuedDrawRequests: 10_000,
  /** How long the room of a campaign that is over stays open for nobody: whoever asks for it next has not to open it again. */
  emptyRoomMs: 30_000,
  /** Diners whose standing one statement reads. */
  standingsPerRead: 500,
  /** Mirror rooms of one owner; whoever comes when they are full as well is answered BUSY. */
  mirrorsPerRoom: 64,
  leaderboardRows: 50,
  /** Places of a campaign that its owner keeps; whoever stands behind them is told the next number, whatever the place. */
  rankedDiners: 1000,
  recentWinners: 20,
  /** Names under which operators put people together. */
  segments: 200,
  /** People whom one call puts into a segment, and whom it takes out of it. */
  segmentChange: 1000,
  /** Of one simulation, over all of its campaigns. */
  simulatedDraws: 10_000_000,
  /** Campaigns of one simulation. */
  simulatedRuns: 200,
  /** Diners of a simulated campaign. */
  simulatedDiners: 1_000_000,
  /** Of one node: simulations run one after the other. */
  simulationThreads: 2,
  /** Simulations of one node that are not over; one more is answered BUSY. */
  openSimulations: 10,
  /** A simulation whose node has not been heard of for so long has failed. */
  simulationSilenceMs: 15_000,
  /** Keeps a published configuration within one TEXT column. */
  prizesPerCampaign: 1000,
  /** Codes in one upload, and bytes of its body. */
  couponsPerUpload: 10_000,
  couponUploadBytes: 1024 * 1024,
  /** Codes that one statement stores. */
  couponsPerInsert: 1000,
  couponsPerPrize: 1_000_000,
  couponCodeCharacters: 64,
  /** As people write them: a page of the console, and what the market's rules are judged by. */
  prizesPerDocument: 100,
  restaurantsPerCampaign: 200,
  /** Pity steps, and bonus periods, of one campaign. */
  bonusSteps: 100,
  pageSize: 100,
  /** Rows that are counted of a list over a whole table; a longer one has this total, which is said to be inexact. */
  countedRows: 10_000,
  /** Draws that are looked through for a page of those that won something; the next page goes on behind them. */
  drawsLookedThrough: 5000,
  /** Events whose types the statistics of events count: the newest. */
  recentEvents: 10_000,
  /** Of an event that an administrator publishes: bytes of its data, and how deep objects and lists may be nested in it. */
  publishedBytes: 4096,
  publishedDepth: 5,
  /** Dead letters that one call tries again, how many a second, and for how long they may wait for their turn. */
  retriedEvents: 500,
  retriedEventsPerSecond: 50,
  retriesAheadMs: 60_000,
  /** Frames of the live stream of events that a node has in memory, and bytes of them. */
  eventsInMemory: 1000,
  eventBytesInMemory: 16 * 1024 * 1024,
  /** Events that a client of the stream may have missed, and is still told of; of more it is told `resync`. */
  streamedEvents: 10_000,
  /** Ids of events that may still commit, in so many rows of ids. */
  streamGaps: 64,
  /** Streams of events that one node serves, and one person has on it. */
  eventStreams: 100,
  eventStreamsPerPerson: 5,
  /** Draws that an answer counts itself, since the statistics are behind them; of more it has those that are counted. */
  uncountedDraws: 20_000,
  /** Behaviours of one call, those that wait on one node to be written, and those that one transaction writes. */
  behaviorsPerCall: 100,
  waitingBehaviors: 20_000,
  behaviorsPerBatch: 1000,
  /** Behaviours of one person a second on one node, and at once. */
  behaviorsPerSecond: 2,
  behaviorsAtOnce: 1000,
  /** Names of pages and actions that are new on one day on one node, and those that one person brings. */
  behaviorNames: 500,
  behaviorNamesPerPerson: 30,
  /** Minutes, hours or days of one answer. */
  shownBuckets: 1500,
  /** People who have opened a campaign and are not written yet, of one node; further ones are counted when they come again. */
  waitingVisitors: 10_000,
  /** Those that a node remembers to have written. */
  rememberedVisitors: 50_000,
  /** Statistics that are read at a time on one node, and that wait for it; one more is answered BUSY. */
  statisticsReads: 2,
  waitingStatistics: 200,
  /** Trends that one node keeps for a few minutes, and that wait to be worked out, one at a time; one more is answered BUSY. */
  keptTrends: 100,
  waitingTrends: 20,
  /** Insights that one look writes down. */
  insightsPerLook: 50,
  fairnessLogPage: 1000,
  /** Campaigns that the dashboard shows, the newest that run; and those whose draws it adds up, of the last weeks. */
  shownCampaigns: 50,
  addedCampaigns: 500,
  /** Epochs in one answer: those of ten million draws, when a seed serves a thousand. */
  fairnessEpochs: 10_000,
  /** Campaigns whose published odds one node keeps ready. */
  keptEngines: 200,
  /** Bytes of public fairness data that one node keeps as it is sent. */
  keptFairnessBytes: 32 * 1024 * 1024,
  /** Files of all that is published of a campaign that one node makes at once; one more is answered BUSY. */
  fairnessExports: 4,
  fairnessExportsPerNetwork: 2,
  /** Lists that one node sends as files at once, and those of one caller; one more is answered BUSY. Rows that are read at a time. */
  listExports: 4,
  listExportsPerPerson: 2,
  rowsPerExportedPage: 200,
  /** Rows of one import of members, bytes of its file, and characters of a line of it. */
  importRows: 50_000,
  importBytes: 8 * 1024 * 1024,
  importLineCharacters: 1024,
  externalIdCharacters: 64,
  /** Imports that are not over; one more is answered BUSY. */
  openImports: 5,
  /** Rows of an import that one transaction writes down, and that one takes over. */
  importRowsPerInsert: 1000,
  importRowsPerBatch: 500,
  /** Errors that an import tells of, besides how many there are. */
  importErrors: 1000,
  /** Points of one movement, in 1/100 point: ten million points. */
  pointsPerMovement: 10_000_000_00,
  /** The largest balance DECIMAL(15,2) can hold, in 1/100 point. */
  pointsPerAccount: 9_999_999_999_999_99,
  /** Days off and days of work in place of them that the administration enters for one year. */
  holidaysPerYear: 100,
  /** Words of the settings that nobody is to read: every node keeps all of them in memory. */
  blockedWords: 20_000,
  /** Words of the list that the administration edits, and those that are allowed, in all; units of one, and bytes of the list. */
  words: 50_000,
  wordCharacters: 64,
  wordListBytes: 2 * 1024 * 1024,
  /** A formula of a rule is evaluated for every bill. */
  ruleFormulaCharacters: 1000,
  ruleFormulaNodes: 200,
  ruleFormulaDepth: 32,
  /** Rules of points, published or not. */
  pointsRules: 200,
  levels: 20,
  /** Of one account. */
  experience: 2_000_000_000,
  codeTries: 5,
  codeLifetimeMs: 5 * 60_000,
  codeIntervalMs: 60_000,
  codesPerNumberPerDay: 10,
  /** Networks that the administration may be used from. */
  allowedNetworks: 200,
  /** API keys that are not revoked: every node keeps all of them in memory. */
  apiKeys: 200,
  networksPerApiKey: 20,
  /** How long the text before a rotation may still be taken. */
  keyOverlapSeconds: 7 * 86_400,
  /** Endpoints that events are sent to: every node looks for what is due for each of them. */
  webhooks: 50,
  /** Types and first parts of types that one endpoint asks for. */
  webhookFilters: 50,
  webhookUrlCharacters: 2048,
  /** How long an endpoint may take over one try, from the look-up of its name to the end of its answer. */
  webhookAnswerMs: 5000,
  /** Bytes that are read of an answer, and dropped. */
  webhookAnswerBytes: 16 * 1024,
  /** The longest that an endpoint may ask to be left alone. */
  webhookRetryAfterMs: 3_600_000,
  /** Tries that one node has under way, and those of one endpoint; each endpoint may always have one. */
  webhookTries: 64,
  webhookTriesPerEndpoint: 4,
  /** Failed tries without a success between them, over so long, after which an endpoint is disabled. */
  webhookFailures: 10,
  webhookFailingMs: 86_400_000,
  /** How long the secret before a rotation still signs. */
  webhookOverlapMs: 86_400_000,
  /** Wrong codes of whoever redeems prizes, within so long, after which they wait for so long. */
  wrongCodes: 5,
  wrongCodesWithinMs: 60_000,
  wrongCodesLockMs: 60_000,
  /** Notifications that one call takes for read by their ids. */
  notificationsRead: 100,
  /** Not read, and sent to a device that does not say what it has; older ones it lists. */
  missedNotifications: 2000,
  /** Things whose changes wait to be told to one person's devices on one node. */
  waitingSyncs: 200,
  /** Items that one transaction reminds of. */
  remindersPerBatch: 200,
  /** Staff among whom those with a permission are looked for, and those of them who are told of one event. */
  staffLookedAt: 1000,
  toldStaff: 200,
  /** Broadcasts of administrators that are not over. */
  openBroadcasts: 20,
  /** People whom one broadcast names one by one. */
  namedRecipients: 1000,
  /** How far ahead a broadcast may be planned. */
  broadcastAheadDays: 90,
  /** Of a broadcast: characters of its title and of its body in each language, and bytes of its data. */
  broadcastTitleCharacters: 100,
  broadcastBodyCharacters: 1000,
  broadcastDataBytes: 2048,
  /** Users who are looked at for an audience in one transaction, and recipients who are told in one. */
  usersPerCollecting: 2000,
  recipientsPerBatch: 100,
  /** Seats in the room of one person's notifications on one node. */
  devicesPerPerson: 10,
  /** Where one person works. */
  restaurantsPerPerson: 50,
  /** Items that one transaction expires. */
  itemsPerExpiry: 500,
  /** Items that one merge of two accounts moves; of more it is refused. */
  itemsPerMerge: 10_000,
  /** How long a merge waits for who has to confirm it. */
  mergeMs: 14 * 86_400_000,
  /** How long the owner of a number that is said to be lost may decline, before a second administrator confirms in their place. */
  mergeObjectionMs: 86_400_000,
  /** Merges of one account that are listed, the newest. */
  listedMerges: 50,
  /** Buckets of the draw rate limit kept in memory per campaign. */
  rateBuckets: 50_000,
  /** Callers whose requests are counted apart from each other's. */
  callers: 50_000,
  /** Bytes of the options of a join. */
  joinBodyBytes: 4 * 1024,
  /** Seats of one room that one person holds, reserved or taken: a few tabs and devices. */
  seatsPerPerson: 5,
  /** Ids of rooms that are remembered to lead nowhere. */
  unknownRooms: 10_000,
  /** Pieces of a product, those that are sold among them; and of one exchange. */
  productStock: 1_000_000_000,
  exchangedPieces: 100,
  /** Offers of one person that are not over. */
  openTrades: 50,
  restaurants: 500,
  /** Claims of one diner that wait for a decision, and how long ago a bill may have been paid that somebody claims. */
  openClaims: 20,
  claimedDays: 90,
  /** Funnels that are kept. */
  funnels: 100,
  /** What one analysis of behaviour reads at the most, and for how long; it says when that is not all. */
  analysedRows: 2_000_000,
  analysisMs: 20_000,
  /** Analyses that run at a time on one node, and that wait for it; one more is answered BUSY. */
  analyses: 1,
  waitingAnalyses: 20,
  /** The same of those of one person, who asks for a few thousand rows at the most. */
  personalAnalyses: 2,
  waitingPersonalAnalyses: 200,
  /** How long an answer is given again to whoever asks the same, and how many of them a node keeps. */
  keptAnalysisMs: 60_000,
  keptAnalyses: 100,
  /** Reviews that one call decides. */
  reviewsAtOnce: 50,
  /** Periods of a restaurant's week. */
  openingHours: 28,
  /** UTF-16 units of one message of a conversation. */
  messageCharacters: 5000,
  /** Messages, recalls and read cursors that wait for a conversation's owner; one more is answered BUSY. */
  queuedMessages: 5000,
  /** Of one group commit. */
  messagesPerBatch: 500,
  /** How long a message may be recalled after it was sent. */
  recallMs: 120_000,
  /** Messages that somebody is given who has missed some; further ones they ask for. */
  missedMessages: 50,
  /** Conversations of a list. */
  listedConversations: 200,
  /** Unread messages that are counted, of one conversation. */
  countedUnread: 999,
  /** Characters that are looked for in messages. */
  searchCharacters: 100,
  /** Messages that one search looks through, and grams of each kind; UTF-16 units of messages. It says from where another goes on. */
  searchedMessages: 1000,
  searchedCharacters: 500_000,
  /** Searches that run at a time on one node, and that wait for it; one more is answered BUSY. */
  searches: 2,
  waitingSearches: 200,
  groupMembers: 200,
  /** People whom one has blocked. */
  blocks: 500,
  /** How far ahead a mute, a silence or a ban may end. */
  restrictionMs: 366 * 86_400_000,
  /** Messages that one person reports in a day. */
  reportsPerDay: 50,
  /** Lines before and after a reported message that moderators see. */
  reportContext: 5,
  /** Seconds between two messages of somebody in a conversation that is slowed down. */
  slowModeSeconds: 3600,
  /** People that one request brings into a group. */
  membersAtOnce: 100,
  /** Sessions that an agent has at a time: the most that they may choose, and what it is until they do. */
  sessionsPerAgent: 50,
  usualSessionsPerAgent: 5,
  listedAgents: 500,
  /** An agent of whom nothing was heard for so long is gone, and what they had goes to others. */
  agentSilenceMs: 60_000,
  /** Within so long of its end a diner who asks again goes on in the same conversation. */
  reopenedSessionMs: 86_400_000,
  /** Members of a conversation whose presence is shown by name. */
  shownMembers: 100,
  /** Bytes of a picture that somebody sends. */
  imageBytes: 8 * 1024 * 1024,
  /** Of all frames of a picture that somebody sends; looked at before any of them is decoded. */
  imagePixels: 50_000_000,
  imageFrames: 200,
  /** Pixels of the longer side, as it is kept. A smaller picture stays as large as it is. */
  imageSide: 2048,
  thumbnailSide: 320,
  /** How long making a picture anew may take. */
  imageSeconds: 10,
  /** Pictures that one node makes anew at a time, and that wait for it; one more is answered BUSY. */
  imageConversions: 2,
  waitingImages: 20,
  /** Pictures that one node receives at a time; one more is answered BUSY. */
  imageUploads: 20,
  /** Of one person: at a time and within a minute on one node, and within a day. */
  imageUploadsPerPerson: 3,
  imagesPerMinute: 30,
  imagesPerDay: 300,
  /** How long a picture is kept that nothing uses, and an object that has no row. */
  unusedImageMs: 86_400_000,
  /** Rows and objects that one look at what is not needed any more goes through at a time, and objects in all. */
  sweptAtOnce: 200,
  sweptObjects: 20_000,
} as const;
