/** Each insight as a sentence, in both languages, of its figures alone. */
import type { Part, FiguresOf, Kind, FoundDeviation } from './figures.ts';
import type { MeasureName } from '../trends/measures.ts';

export interface Told {
  day: string;
  kind: Kind;
  figures: FiguresOf[Kind];
}

export interface Texts {
  zh: string;
  en: string;
}

const MEASURES: Record<MeasureName, [zh: string, en: string]> = {
  active: ['来的顾客', 'diners'],
  members: ['新会员', 'new members'],
  draws: ['抽奖', 'draws'],
  points_earned: ['发出的积分', 'points earned'],
  points_spent: ['花掉的积分', 'points spent'],
  bills: ['账单', 'bills'],
  revenue: ['营业额', 'revenue'],
  exchanges: ['兑换', 'exchanges'],
  claims_rejected: ['驳回的账单', 'rejected claims'],
  answer_seconds: ['客服应答时间', 'answer time'],
  visits: ['页面访问', 'page visits'],
  actions: ['页面操作', 'actions on pages'],
};
const PARTS: Record<Part, [zh: string, en: string]> = {
  night: ['深夜', 'at night'],
  morning: ['上午', 'in the morning'],
  noon: ['中午', 'at noon'],
  afternoon: ['下午', 'in the afternoon'],
  evening: ['晚上', 'in the evening'],
};

const percent = (part: number) => Math.round(Math.abs(part) * 100);
const number = (value: number) => value.toLocaleString('en', { maximumFractionDigits: value < 10 ? 1 : 0 });
const dayZh = (day: string) => `${Number(day.slice(5, 7))}月${Number(day.slice(8))}日`;
const hoursOf = (seconds: number) =>
  seconds < 120 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;

type TextOf = { [Of in Kind]: (figures: FiguresOf[Of], day: string) => Texts };

const TEXTS: TextOf = {
  anomaly: ({ direction, deviations, restaurant_name: place }, day) => {
    const [first, ...others] = deviations as [FoundDeviation, ...FoundDeviation[]];
    const [zh, en] = MEASURES[first.measure];
    const [partZh, partEn] = first.part === null ? ['', ''] : PARTS[first.part];
    const more = [...new Set(others.map(({ measure }) => measure))].filter((one) => one !== first.measure);
    const alsoZh =
      more.length === 0
        ? ''
        : `；${more.map((one) => MEASURES[one][0]).join('、')}也${direction === 'down' ? '少' : '多'}`;
    const alsoEn = more.length === 0 ? '' : `, and so were ${more.map((one) => MEASURES[one][1]).join(', ')}`;
    const figures = `${number(first.value)} / ${number(first.expected)}`;
    return {
      zh: `${dayZh(day)}${partZh}${place === null ? '' : place}的${zh}比预期${direction === 'down' ? '少' : '多'}了${percent(first.size)}%（${figures}）${alsoZh}`,
      en: `${place === null ? '' : `${place}: `}${en} ${partEn === '' ? '' : `${partEn} `}on ${day} were ${percent(first.size)}% ${direction === 'down' ? 'below' : 'above'} what was expected (${figures})${alsoEn}`,
    };
  },
  stock_running_out: (of) => ({
    zh: `“${of.campaign_name}”的${of.prize_name}还有${of.remaining}份，照现在的速度${number(of.days_left)}天发完，活动还有${number(of.days_to_end)}天，缺${of.missing}份`,
    en: `“${of.campaign_name}”: ${of.prize_name} has ${of.remaining} left, which last ${number(of.days_left)} days; the campaign goes on for ${number(of.days_to_end)}, and ${of.missing} are missing`,
  }),
  prize_unwon: (of) => ({
    zh: `“${of.campaign_name}”的${of.prize_name}在${number(of.draws)}次抽奖中没人抽到，到结束前大约还有${number(of.draws_to_come)}次，多半没人会抽到`,
    en: `“${of.campaign_name}”: nobody has won ${of.prize_name} in ${number(of.draws)} draws; with about ${number(of.draws_to_come)} to come, nobody may`,
  }),
  restaurant_behind: (of) => ({
    zh: `${of.restaurant_name}最近${of.days}天的账单比它自己的预期少${percent(of.size)}%（${number(of.value)} / ${number(of.expected)}）`,
    en: `${of.restaurant_name}: bills of the last ${of.days} days are ${percent(of.size)}% below its own usual (${number(of.value)} / ${number(of.expected)})`,
  }),
  rejections_up: (of) => ({
    zh: `最近${of.days}天驳回了${of.decided}张账单中的${of.rejected}张（${percent(of.rate)}%），以前是${percent(of.usual_rate)}%`,
    en: `Of ${of.decided} claims in the last ${of.days} days ${of.rejected} were rejected (${percent(of.rate)}%); it was ${percent(of.usual_rate)}% before`,
  }),
  answers_slower: (of) => ({
    zh: `最近${of.days}天客服应答比预期慢${percent(of.size)}%（${hoursOf(of.value)}，预期${hoursOf(of.expected)}）`,
    en: `Answers of the last ${of.days} days took ${percent(of.size)}% longer than expected (${hoursOf(of.value)} instead of ${hoursOf(of.expected)})`,
  }),
};

/** Of a kind that a later build has found there is no text. */
export function textsOf({ kind, figures, day }: Told): Texts {
  if (!Object.hasOwn(TEXTS, kind)) return { zh: kind, en: kind };
  return (TEXTS[kind] as (figures: FiguresOf[Kind], day: string) => Texts)(figures, day);
}
