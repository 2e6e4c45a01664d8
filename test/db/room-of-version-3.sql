BEGIN TRANSACTION;
CREATE TABLE "__drizzle_migrations" (
				id SERIAL PRIMARY KEY,
				hash text NOT NULL,
				created_at numeric
			);
INSERT INTO "__drizzle_migrations" VALUES(NULL,'124b6cd333c0b286b8f90b0d05ae66f65ef95da9956017a978f21e5673ee1113',1795222587452);
INSERT INTO "__drizzle_migrations" VALUES(NULL,'463234acab64f14b1ca7101a5ca18323574a363b1c782130d73c096859835c79',1795227132378);
INSERT INTO "__drizzle_migrations" VALUES(NULL,'186ddc04fc651cbe57be3f3d0818717cc3ec5e4ab0f8c111f543ae07e5323e1a',1795256479903);
CREATE TABLE `alert_changes` (
	`symbol` text NOT NULL,
	`ts_ms` integer NOT NULL,
	`rule` text NOT NULL,
	`change` text NOT NULL,
	`severity` text NOT NULL,
	`text` text NOT NULL,
	`wall_ms` integer NOT NULL,
	PRIMARY KEY(`symbol`, `ts_ms`, `rule`, `change`)
) WITHOUT ROWID;
INSERT INTO "alert_changes" VALUES('AAAUSDT',1750624200000,'MLPoorCalibration','fired','warning','ECE 0.070, limit 0.06',1795286512547);
INSERT INTO "alert_changes" VALUES('AAAUSDT',1750698000000,'MLPoorCalibration','resolved','warning','ECE 0.059, limit 0.06',1795286514882);
CREATE TABLE `alerts` (
	`symbol` text NOT NULL,
	`rule` text NOT NULL,
	`state` text NOT NULL,
	`severity` text NOT NULL,
	`since_ms` integer NOT NULL,
	`fired_ms` integer,
	`text` text NOT NULL, `clear_ms` integer, `flapping` integer DEFAULT 0 NOT NULL, `ack_by` text, `ack_reason` text, `ack_wall_ms` integer,
	PRIMARY KEY(`symbol`, `rule`)
) WITHOUT ROWID;
INSERT INTO "alerts" VALUES('AAAUSDT','MLPSICritical','firing','critical',1748217600000,1748221200000,'PSI 1.390, limit 0.3',NULL,0,NULL,NULL,NULL);
INSERT INTO "alerts" VALUES('AAAUSDT','MLPSIWarning','firing','warning',1748217600000,1748221200000,'PSI 1.390, limit 0.2',NULL,0,NULL,NULL,NULL);
CREATE TABLE `approvals` (
	`symbol` text NOT NULL,
	`id` text NOT NULL,
	`state` text NOT NULL,
	`action` text NOT NULL,
	`document` text NOT NULL,
	`request` text NOT NULL,
	`ts_ms` integer NOT NULL,
	`wall_ms` integer NOT NULL,
	PRIMARY KEY(`symbol`, `id`)
) WITHOUT ROWID;
CREATE TABLE `bars` (
	`symbol` text NOT NULL,
	`ts_ms` integer NOT NULL,
	`open` real NOT NULL,
	`high` real NOT NULL,
	`low` real NOT NULL,
	`close` real NOT NULL,
	`volume` real NOT NULL,
	`backfilled` integer DEFAULT 0 NOT NULL,
	`wall_ms` integer NOT NULL,
	PRIMARY KEY(`symbol`, `ts_ms`)
) WITHOUT ROWID;
INSERT INTO "bars" VALUES('AAAUSDT',1750760820000,105108.9,105142.4,105108.8,105112.9,34.748,0,1795286516148);
INSERT INTO "bars" VALUES('AAAUSDT',1750760880000,105112.9,105118.2,105081.0,105095.5,119.737,0,1795286516148);
INSERT INTO "bars" VALUES('AAAUSDT',1750760940000,105095.6,105117.8,105081.6,105108.8,33.665,0,1795286516148);
INSERT INTO "bars" VALUES('AAAUSDT',1750761000000,105108.7,105108.8,105085.5,105090.2,38.305,0,1795286516148);
INSERT INTO "bars" VALUES('AAAUSDT',1750761060000,105090.3,105108.8,105074.9,105086.5,62.055,0,1795286516148);
CREATE TABLE `canary_events` (
	`symbol` text NOT NULL,
	`run_id` text NOT NULL,
	`seq` integer NOT NULL,
	`event` text NOT NULL,
	`ts_ms` integer NOT NULL,
	`wall_ms` integer NOT NULL,
	PRIMARY KEY(`symbol`, `run_id`, `seq`)
) WITHOUT ROWID;
CREATE TABLE `canary_runs` (
	`symbol` text NOT NULL,
	`run_id` text NOT NULL,
	`state` text NOT NULL,
	`plan` text NOT NULL,
	`mode` text NOT NULL,
	`profile` text NOT NULL,
	`candidate` text NOT NULL,
	`sha256` text NOT NULL,
	`baseline` text NOT NULL,
	`salt` text NOT NULL,
	`approval_id` text NOT NULL,
	`phases` text NOT NULL,
	`last_look` text,
	`probes_sent` integer NOT NULL,
	`ts_ms` integer NOT NULL,
	`ended_ms` integer,
	`wall_ms` integer NOT NULL,
	PRIMARY KEY(`symbol`, `run_id`)
) WITHOUT ROWID;
CREATE TABLE `chain` (
	`seq` integer PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`subject` text NOT NULL,
	`sha256` text NOT NULL,
	`detail` text NOT NULL,
	`ts_ms` integer NOT NULL,
	`wall_ms` integer NOT NULL,
	`prev` text NOT NULL,
	`hash` text NOT NULL
);
INSERT INTO "chain" VALUES(1138,'file','ml/psi_snapshot.json','dd20870dc63f69bef4d3e6bd22806265f132991b7e803f011573352715cf59fa','{"model_sha256":"9ca1a9cd41c91ee3e3ef02d58a5cbc19df7eba2c62c131b41a90b572a862c9a9"}',1750752000000,1795286516006,'d4b8ab13bf5ea41f2babb7019bbe856b32357359843fba4de9b119affeb9194c','de16f8c4f662d2103f51916390b1fa33dac25593780221e4d8df933a5591a26c');
INSERT INTO "chain" VALUES(1139,'file','ml/psi_snapshot.json','2c2a0f31fcc9c2b9bbd77fabd2d17899174626696befaa874ffd5c27af4c1377','{"model_sha256":"9ca1a9cd41c91ee3e3ef02d58a5cbc19df7eba2c62c131b41a90b572a862c9a9"}',1750755600000,1795286516074,'de16f8c4f662d2103f51916390b1fa33dac25593780221e4d8df933a5591a26c','a855c3d9e285d54eb04af46809d47c5681c5fde3c5959cc2111e6740af5e471f');
INSERT INTO "chain" VALUES(1140,'file','ml/psi_snapshot.json','5bc859ecc312283413848720be769d5a033bce3d6c5945df33d2d3048d9c1690','{"model_sha256":"9ca1a9cd41c91ee3e3ef02d58a5cbc19df7eba2c62c131b41a90b572a862c9a9"}',1750759200000,1795286516132,'a855c3d9e285d54eb04af46809d47c5681c5fde3c5959cc2111e6740af5e471f','f7ec0210a2e7eead5481011d9f9854554a6618e4ad8928293fcca7da54fbc3b1');
CREATE TABLE `comparisons` (
	`symbol` text NOT NULL,
	`id` text NOT NULL,
	`model` text NOT NULL,
	`ts_ms` integer NOT NULL,
	`source` text NOT NULL,
	`baseline_score` real,
	`score` real,
	`latency_ms` real,
	`fault` text, `phase` text DEFAULT '' NOT NULL,
	PRIMARY KEY(`symbol`, `id`, `model`)
) WITHOUT ROWID;
CREATE TABLE `drift_counts` (
	`symbol` text NOT NULL,
	`model` text NOT NULL,
	`hour_ms` integer NOT NULL,
	`n` integer NOT NULL,
	`counts` text NOT NULL,
	PRIMARY KEY(`symbol`, `model`, `hour_ms`)
) WITHOUT ROWID;
INSERT INTO "drift_counts" VALUES('AAAUSDT','v1.8-b0',1750755600000,60,'{"mid":[0,0,0,0,0,0,0,0,0,60,0],"rsi14":[0,1,5,9,9,9,7,4,8,8,0],"spread_bp":[0,34,10,6,4,6,0],"vol1m":[1,7,8,9,4,9,7,6,6,3,0]}');
INSERT INTO "drift_counts" VALUES('AAAUSDT','v1.8-b0',1750759200000,32,'{"mid":[0,0,0,0,0,0,0,0,0,32,0],"rsi14":[0,2,8,6,6,8,1,0,1,0,0],"spread_bp":[0,21,2,2,4,3,0],"vol1m":[2,5,8,7,3,1,2,3,1,0,0]}');
CREATE TABLE `dropped_bars` (
	`symbol` text NOT NULL,
	`seq` integer NOT NULL,
	`ts_ms` integer,
	`line` integer,
	`fault` text NOT NULL,
	`text` text NOT NULL,
	`wall_ms` integer NOT NULL,
	PRIMARY KEY(`symbol`, `seq`)
) WITHOUT ROWID;
CREATE TABLE `events` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`symbol` text NOT NULL,
	`ts_ms` integer NOT NULL,
	`wall_ms` integer NOT NULL,
	`kind` text NOT NULL,
	`severity` text NOT NULL,
	`text` text NOT NULL,
	`data` text
);
INSERT INTO "events" VALUES(116,'AAAUSDT',1750636800000,1795286513526,'report','critical','report 2025-06-22: CRITICAL, psi 0.678',NULL);
INSERT INTO "events" VALUES(117,'AAAUSDT',1750698000000,1795286514882,'alert','info','MLPoorCalibration resolved: ECE 0.059, limit 0.06',NULL);
INSERT INTO "events" VALUES(118,'AAAUSDT',1750723200000,1795286515578,'report','critical','report 2025-06-23: CRITICAL, psi 0.592',NULL);
CREATE TABLE `feature_rows` (
	`symbol` text NOT NULL,
	`ts_ms` integer NOT NULL,
	`mid` real,
	`mid_change_1m` real,
	`mid_logret_1m` real,
	`mid_logret_5m` real,
	`spread_bp` real,
	`vol1m` real,
	`vol1m_log` real,
	`rsi14` real,
	`rsi14_z` real,
	`zscore_mid_24h` real,
	`rv_15m_log` real,
	`rv_60m_log` real,
	`ewma_var_1m` real,
	`mid_mean_24h` real,
	`mid_std_24h` real,
	`mid_count_24h` real,
	`wall_ms` integer NOT NULL,
	PRIMARY KEY(`symbol`, `ts_ms`)
) WITHOUT ROWID;
INSERT INTO "feature_rows" VALUES('AAAUSDT',1750760820000,105112.9,4.09999999999126885086e+00,3.90064393975819712068e-05,-4.47989263358650191548e-04,4.71710786554545702387e+00,3.65246304919999931009e+06,1.51109125797659427092e+01,4.46069966009270544313e+01,-1.79766779969098178248e-01,0.866557874076149,-7.73974420309720834154e+00,-7.61253591008637453541e+00,2.23998704334213503334e-07,103649.625625,1.68860548010292791333e+03,1440.0,1795286516148);
INSERT INTO "feature_rows" VALUES('AAAUSDT',1750760880000,105095.5,-1.73999999999941792339e+01,-1.65549997429792483671e-04,-7.51414882932621708278e-04,0.0,1.25838198834999985997e+07,1.63479224899492123768e+01,4.29733494313916395421e+01,-2.34221685620278674555e-01,8.55047541120344867238e-01,-7.73930644452240201758e+00,-7.74242851994980263441e+00,2.19508539071311683014e-07,1.03652230138888888177e+05,1687.9410695825,1440.0,1795286516148);
INSERT INTO "feature_rows" VALUES('AAAUSDT',1750760940000,105108.8,1.33000000000029103828e+01,1.26543558032210512465e-04,-0.000791247625693714,0.789379955956813,3538487.752,1.50792102877448677133e+01,4.46422139095423773378e+01,-1.78592869681920757285e-01,8.61717331692459342917e-01,-7.7398353703661,-7.87224655787735638767e+00,2.1486070074973605045e-07,1.03654857777777782755e+05,1.6872612035758663751e+03,1440.0,1795286516148);
INSERT INTO "feature_rows" VALUES('AAAUSDT',1750761000000,105090.2,-1.8600000000005820766e+01,-1.76975152580638450672e-04,-7.94240042056415518345e-04,1.95949985965822204292e+00,4025480.111,1.52081549923748085006e+01,4.27576826206763911403e+01,-2.41410579310786965745e-01,8.49492733270009625634e-01,-7.75802360470680429926e+00,-7.88734363317694,2.10668630024788577871e-07,1.03657460763888884685e+05,1.68658209775082809753e+03,1440.0,1795286516148);
INSERT INTO "feature_rows" VALUES('AAAUSDT',1750761060000,105086.5,-3.69999999999708961695e+00,-3.52084698285182184918e-05,-2.12183622409156669164e-04,6.44159071659023862999e-01,6521142.7575,1.56905603414474814627e+01,4.23744738763498673961e+01,-2.54184204121671086795e-01,0.84609936457282,-7.773624313665617791e+00,-7.88792632745008148731e+00,2.05885265198418978735e-07,1.03660043055555550382e+05,1.68592130447489535072e+03,1440.0,1795286516148);
CREATE TABLE `feeds` (
	`symbol` text PRIMARY KEY NOT NULL,
	`clock_ms` integer NOT NULL,
	`clock_kind` text NOT NULL,
	`path` text,
	`sha256` text,
	`line` integer NOT NULL,
	`from_ms` integer,
	`bars` integer NOT NULL,
	`bad_rows` integer NOT NULL,
	`duplicates` integer NOT NULL,
	`late` integer NOT NULL,
	`future` integer NOT NULL
);
INSERT INTO "feeds" VALUES('AAAUSDT',1750761120000,'replay','bars.csv','c59cb3bf66f588aecaea24248f2bfa24d74e75031e0aba9461b737cd9493df69',73140,NULL,73139,0,0,0,0);
CREATE TABLE `gate_log` (
	`symbol` text NOT NULL,
	`ts_ms` integer NOT NULL,
	`round` integer NOT NULL,
	`model` text,
	`verdicts` text NOT NULL,
	`detail` text,
	`figures` text NOT NULL,
	`outcome` text NOT NULL,
	`wall_ms` integer NOT NULL,
	PRIMARY KEY(`symbol`, `ts_ms`, `round`)
) WITHOUT ROWID;
INSERT INTO "gate_log" VALUES('AAAUSDT',1748217600000,0,'v1.8-b0','FWPFWW','[{"gate":1,"name":"psi","verdict":"FAIL","value":1.391167492873765,"threshold":0.2,"reason":"worst mid 5.340, limit 0.3","readyAtMs":null},{"gate":2,"name":"p95","verdict":"WAIT","value":null,"threshold":80,"reason":"59 more requests needed","readyAtMs":null},{"gate":3,"name":"alert_silence","verdict":"PASS","value":0,"threshold":0,"reason":"24 h covered","readyAtMs":null},{"gate":4,"name":"offline","verdict":"FAIL","value":{"auc":0.613294857955333,"precision_at_20":0.6169684941701811},"threshold":{"auc":0.62,"precision_at_20":0.58},"reason":"AUC 0.613 in [0.598, 0.629], P@20 0.617, 1.32 x base rate","readyAtMs":null},{"gate":5,"name":"delta","verdict":"WAIT","value":null,"threshold":0.05,"reason":"no candidate in the shadow","readyAtMs":null},{"gate":6,"name":"evidence","verdict":"WAIT","value":null,"threshold":null,"reason":"missing psi_snapshot_v1.8-b0.json, smoke_1k_v1.8-b0.json, shadow_smoke_1k_v1.8-b0.json and 5 more; next: onay validate v1.8-b0","readyAtMs":null}]','[1.391167492873765,null,0,{"auc":0.613294857955333,"precision_at_20":0.6169684941701811},null,null]','too_early',1795286466170);
INSERT INTO "gate_log" VALUES('AAAUSDT',1748217600000,1,'v1.8-b0','FWPFWW',NULL,'[1.391167492873765,null,0,{"auc":0.613294857955333,"precision_at_20":0.6169684941701811},null,null]','too_early',1795286466362);
INSERT INTO "gate_log" VALUES('AAAUSDT',1750761120000,0,'v1.8-b0','FWPFWW',NULL,'[0.5910501108171937,null,0,{"auc":0.613294857955333,"precision_at_20":0.6169684941701811},null,null]','too_early',1795286516148);
CREATE TABLE `heartbeats` (
	`symbol` text NOT NULL,
	`from_ms` integer NOT NULL,
	`until_ms` integer NOT NULL,
	PRIMARY KEY(`symbol`, `from_ms`)
) WITHOUT ROWID;
INSERT INTO "heartbeats" VALUES('AAAUSDT',1746372840000,1750761120000);
CREATE TABLE `jobs` (
	`symbol` text NOT NULL,
	`name` text NOT NULL,
	`last_ms` integer,
	`last_ok_ms` integer,
	`next_ms` integer,
	`result` text NOT NULL,
	`ok` integer,
	`wall_ms` integer NOT NULL,
	PRIMARY KEY(`symbol`, `name`)
) WITHOUT ROWID;
INSERT INTO "jobs" VALUES('AAAUSDT','daily report',1750723200000,1750723200000,1750809600000,'CRITICAL',1,1795286515578);
INSERT INTO "jobs" VALUES('AAAUSDT','feature logger',1750761120000,1750761120000,1750761180000,'ok',1,1795286516148);
INSERT INTO "jobs" VALUES('AAAUSDT','gates',1750761120000,1750761120000,1750761180000,'blocked 1/6',1,1795286516148);
INSERT INTO "jobs" VALUES('AAAUSDT','psi hourly',1750759200000,1750759200000,1750762800000,'0.591',1,1795286516132);
INSERT INTO "jobs" VALUES('AAAUSDT','retention',1750723800000,1750723800000,1750810200000,'1440 rows, 1 logs',1,1795286515687);
INSERT INTO "jobs" VALUES('AAAUSDT','weekly report',1750636740000,1750636740000,1751241540000,'CRITICAL',1,1795286513246);
CREATE TABLE `meta` (
	`key` text PRIMARY KEY NOT NULL,
	`value` text NOT NULL
);
INSERT INTO "meta" VALUES('primary_symbol','AAAUSDT');
CREATE TABLE `models` (
	`symbol` text NOT NULL,
	`version` text NOT NULL,
	`kind` text NOT NULL,
	`feature_set` text NOT NULL,
	`sha256` text NOT NULL,
	`window_from_ms` integer NOT NULL,
	`window_until_ms` integer NOT NULL,
	`weights` text NOT NULL,
	`reference` text NOT NULL,
	`scaler` text NOT NULL,
	`manifest` text NOT NULL,
	`offline` text NOT NULL,
	`seconds` real NOT NULL,
	`ts_ms` integer NOT NULL,
	`wall_ms` integer NOT NULL,
	PRIMARY KEY(`symbol`, `version`)
) WITHOUT ROWID;
INSERT INTO "models" VALUES('AAAUSDT','v1.8-b0','logistic','v1.8-b0','9ca1a9cd41c91ee3e3ef02d58a5cbc19df7eba2c62c131b41a90b572a862c9a9',1746403200000,1747612800000,'{"bias":-0.13071412379705785,"features":["mid","mid_change_1m","spread_bp","vol1m_log","rsi14"],"hi":{"mid":105570.69200000001,"mid_change_1m":177.78399999999158,"rsi14":79.92212855390315,"spread_bp":13.689600630672043,"vol1m_log":18.574317130555936},"kind":"logistic","label":{"horizonMin":5,"kind":"move","thresholdBp":6},"lo":{"mid":93753.6,"mid_change_1m":-178.4840000000036,"rsi14":22.441084538882397,"spread_bp":0,"vol1m_log":13.36565942840868},"mean":{"mid":101444.72221741501,"mid_change_1m":0.5476407839245215,"rsi14":50.78215665171505,"spread_bp":1.5953970547414316,"vol1m_log":15.750645039220188},"platt":{"a":0.8546286606341773,"b":0.027992857605689533},"std":{"mid":3494.335634751133,"mid_change_1m":48.564091591245806,"rsi14":11.521449219848522,"spread_bp":2.4365717820918897,"vol1m_log":0.9596679881788579},"threshold":0.5504271290596103,"version":"v1.8-b0","weights":{"mid":0.02285061048659415,"mid_change_1m":0.017934311492161674,"rsi14":-0.038749921114405006,"spread_bp":0.11560841641424334,"vol1m_log":0.4353081267257524}}','{"features":{"mid":{"bins":{"edges":[94552.17,97018.68,102035.99,102846.08,103116.65,103392.7,103614.5,103858.06,104156.01],"kind":"edges"},"counts":[2016,2016,2016,2016,2016,2016,2015,2017,2016,2016,0]},"rsi14":{"bins":{"edges":[35.65779616046279,40.575498770544314,44.502080461858434,47.712663845277056,50.782015709138264,53.90150880469331,57.12092949976695,60.74595699207399,65.74070582337355],"kind":"edges"},"counts":[2016,2016,2016,2016,2016,2016,2016,2016,2016,2016,0]},"spread_bp":{"bins":{"edges":[0,1.120758596676621,2.0489845048148325,3.117533249704141,4.82604952947422],"kind":"edges"},"counts":[0,12096,2016,2016,2016,2016,0]},"vol1m":{"bins":{"edges":[2130470.0021699998,3098657.98328,4123659.6938500004,5237455.81264,6571778.4712499995,8344201.467400001,10927720.20853,15180667.652520012,24240711.74145002],"kind":"edges"},"counts":[2016,2016,2016,2016,2016,2016,2016,2016,2016,2016,0]}},"n":20160,"version":"v1.8-b0","window":{"fromMs":1746403200000,"untilMs":1747612800000},"withinReference":{"features":{"mid":1.5653383135864187,"rsi14":0.007097456557431403,"spread_bp":0.003631491266927607,"vol1m":0.022780440607447366},"overallP95":0.39463938960103595,"windows":169}}','{"features":["mid","mid_change_1m","spread_bp","vol1m_log","rsi14"],"hi":{"mid":105570.69200000001,"mid_change_1m":177.78399999999158,"rsi14":79.92212855390315,"spread_bp":13.689600630672043,"vol1m_log":18.574317130555936},"lo":{"mid":93753.6,"mid_change_1m":-178.4840000000036,"rsi14":22.441084538882397,"spread_bp":0,"vol1m_log":13.36565942840868},"mean":{"mid":101444.72221741501,"mid_change_1m":0.5476407839245215,"rsi14":50.78215665171505,"spread_bp":1.5953970547414316,"vol1m_log":15.750645039220188},"scaler":"standard","std":{"mid":3494.335634751133,"mid_change_1m":48.564091591245806,"rsi14":11.521449219848522,"spread_bp":2.4365717820918897,"vol1m_log":0.9596679881788579},"version":"v1.8-b0"}','{"baseline":null,"code_version":"0.1.0","configuration":{"embargo_min":60,"folds":5,"label":{"horizonMin":5,"kind":"move","thresholdBp":6},"limits":{"auc":0.62,"precisionAt20":0.58}},"data":{"from":"2025-05-05T00:00:00.000Z","rows":20160,"sha256":"1863c313a0af0b2f382be28db895914851aa7bdfdfeb3551155f5bc3671e1cff","until":"2025-05-19T00:00:00.000Z"},"feature_set":"v1.8-b0","libraries":{"node":"20"},"seed":1,"symbol":"AAAUSDT","trained":"here","version":"v1.8-b0","weights_sha256":"9ca1a9cd41c91ee3e3ef02d58a5cbc19df7eba2c62c131b41a90b572a862c9a9"}','{"against":{"baseline":null,"fallback":{"auc":0.670342674190034,"brier":0.22987729440937138,"candidate_auc":0.613294857955333,"ece":0.049461967000317304,"log_loss":0.6518446525578537,"precision_at_20":0.6712974448027784,"recall_at_20":0.2866829113253523,"rows":20155}},"auc":0.613294857955333,"auc_difference":null,"auc_difference_fallback":{"hi":-0.045192633080823684,"lo":-0.06949271927655336,"value":-0.05704781623470101},"auc_interval":{"hi":0.6292917661608822,"lo":0.597515892839124,"value":0.613294857955333},"base_rate":0.46832051600099234,"beats_baseline":null,"beats_fallback":false,"brier":0.23903175736312673,"calibration":[{"mean_label":0.30505952380952384,"mean_score":0.3060097746621449,"n":2016},{"mean_label":0.3576388888888889,"mean_score":0.3660844697860782,"n":2016},{"mean_label":0.40575396825396826,"mean_score":0.3985195690081826,"n":2016},{"mean_label":0.4310515873015873,"mean_score":0.42567111490142706,"n":2016},{"mean_label":0.4409722222222222,"mean_score":0.4503696019613116,"n":2016},{"mean_label":0.47196029776674936,"mean_score":0.47419147865869005,"n":2015},{"mean_label":0.5062034739454094,"mean_score":0.5009004963164486,"n":2015},{"mean_label":0.5310173697270472,"mean_score":0.5322316612407646,"n":2015},{"mean_label":0.5741935483870968,"mean_score":0.5727838875763531,"n":2015},{"mean_label":0.6595533498759305,"mean_score":0.6566391224194537,"n":2015}],"dropped":{"missing_features":0,"unknown_label":5},"ece":0.0044484970120593145,"folds":[{"auc":0.5973467017633352,"base_rate":0.4616720416770032,"brier":0.2437792574158381,"ece":0.050241880500020916,"log_loss":0.6809724806510526,"precision_at_20":0.6004962779156328,"recall_at_20":0.2600752283718431,"test_from":1746403200000,"test_rows":4031,"test_to":1746645060000,"train_rows":16059},{"auc":0.6335613719038615,"base_rate":0.4554701066732821,"brier":0.2368397032796744,"ece":0.04960599014819186,"log_loss":0.6661758978058206,"precision_at_20":0.6215880893300249,"recall_at_20":0.272875816993464,"test_from":1746645060000,"test_rows":4031,"test_to":1746886920000,"train_rows":16054},{"auc":0.6016858621430488,"base_rate":0.5368394939221037,"brier":0.24474146267619756,"ece":0.06614060995120798,"log_loss":0.6822028355126958,"precision_at_20":0.652605459057072,"recall_at_20":0.24306839186691312,"test_from":1746886920000,"test_rows":4031,"test_to":1747128780000,"train_rows":16054},{"auc":0.5999345500426237,"base_rate":0.5083105929049864,"brier":0.24252309746255263,"ece":0.029846874496215266,"log_loss":0.6778428461595413,"precision_at_20":0.6290322580645161,"recall_at_20":0.24743777452415813,"test_from":1747128780000,"test_rows":4031,"test_to":1747370640000,"train_rows":16054},{"auc":0.6715124956934387,"base_rate":0.3793103448275862,"brier":0.2272752659813663,"ece":0.09378607094218717,"log_loss":0.6468185666736497,"precision_at_20":0.5905707196029777,"recall_at_20":0.31131458469587964,"test_from":1747370640000,"test_rows":4031,"test_to":1747612500000,"train_rows":16119}],"forward":{"auc":0.6193209777376059,"rows":16124},"log_loss":0.6708025253605555,"log_loss_difference":null,"log_loss_difference_fallback":{"hi":0.025453057310573613,"lo":0.01203453213640302,"value":0.018957872802700143},"plain":"v1.8-b0 has nothing trained in charge to be compared with; it is worse than the fallback (log loss +0.0190, 95 % interval +0.0120 to +0.0255, n 20155).","precision_at_20":0.6169684941701811,"recall_at_20":0.26348130098527384,"rows":20155,"slo_check":{"auc":0.62,"pass":false,"precision_at_20":0.58},"timestamp":"2025-05-19T00:00:00.000Z","version":"v1.8-b0","window":{"from":"2025-05-05T00:00:00.000Z","until":"2025-05-19T00:00:00.000Z"}}',5.129506715,1747612800000,1795286455075);
CREATE TABLE `notifications` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`channel` text NOT NULL,
	`message` text NOT NULL,
	`state` text NOT NULL,
	`tries` integer DEFAULT 0 NOT NULL,
	`next_wall_ms` integer NOT NULL,
	`last_error` text,
	`ts_ms` integer NOT NULL,
	`wall_ms` integer NOT NULL
);
CREATE TABLE `outbox` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`kind` text NOT NULL,
	`payload` text NOT NULL,
	`ts_ms` integer NOT NULL,
	`tries` integer DEFAULT 0 NOT NULL,
	`last_error` text
);
CREATE TABLE `outcomes` (
	`symbol` text NOT NULL,
	`ts_ms` integer NOT NULL,
	`label` integer NOT NULL,
	`settled_ms` integer NOT NULL,
	PRIMARY KEY(`symbol`, `ts_ms`)
) WITHOUT ROWID;
CREATE TABLE `predictions` (
	`symbol` text NOT NULL,
	`id` text NOT NULL,
	`ts_ms` integer NOT NULL,
	`wall_ms` integer NOT NULL,
	`source` text NOT NULL,
	`key` text,
	`score` real,
	`decision` text NOT NULL,
	`model` text NOT NULL,
	`served_by` text NOT NULL,
	`reason` text NOT NULL,
	`latency_ms` real,
	`model_ms` real,
	`fault` text, `phase` text DEFAULT '' NOT NULL,
	PRIMARY KEY(`symbol`, `id`)
) WITHOUT ROWID;
INSERT INTO "predictions" VALUES('AAAUSDT','0mcadseg0-h',1750760820000,1795286516148,'history',NULL,4.58653740159091938277e-01,'none','v1.8-b0','baseline','in charge',NULL,NULL,NULL,'');
INSERT INTO "predictions" VALUES('AAAUSDT','0mcadtoqo-h',1750760880000,1795286516148,'history',NULL,5.30042199313890516343e-01,'none','v1.8-b0','baseline','in charge',NULL,NULL,NULL,'');
INSERT INTO "predictions" VALUES('AAAUSDT','0mcaduz1c-h',1750760940000,1795286516148,'history',NULL,4.17135872647574512672e-01,'none','v1.8-b0','baseline','in charge',NULL,NULL,NULL,'');
INSERT INTO "predictions" VALUES('AAAUSDT','0mcadw9c0-h',1750761000000,1795286516148,'history',NULL,4.39827511760447376065e-01,'none','v1.8-b0','baseline','in charge',NULL,NULL,NULL,'');
INSERT INTO "predictions" VALUES('AAAUSDT','0mcadxjmo-h',1750761060000,1795286516148,'history',NULL,4.74421041113214148055e-01,'none','v1.8-b0','baseline','in charge',NULL,NULL,NULL,'');
CREATE TABLE `promotions` (
	`symbol` text NOT NULL,
	`ts_ms` integer NOT NULL,
	`kind` text NOT NULL,
	`version` text NOT NULL,
	`former` text,
	`profile` text NOT NULL,
	`approval_id` text,
	`reason` text NOT NULL,
	`wall_ms` integer NOT NULL,
	PRIMARY KEY(`symbol`, `ts_ms`, `kind`)
) WITHOUT ROWID;
CREATE TABLE `psi_snapshots` (
	`symbol` text NOT NULL,
	`model` text NOT NULL,
	`ts_ms` integer NOT NULL,
	`overall` real,
	`verdict` text NOT NULL,
	`level` text,
	`document` text NOT NULL,
	`wall_ms` integer NOT NULL,
	PRIMARY KEY(`symbol`, `model`, `ts_ms`)
) WITHOUT ROWID;
INSERT INTO "psi_snapshots" VALUES('AAAUSDT','v1.8-b0',1750755600000,5.91447668286307792762e-01,'FAIL','critical','{"symbol":"AAAUSDT","model":"v1.8-b0","at":"2025-06-24T09:00:00.000Z","reference":{"from":"2025-05-05T00:00:00.000Z","until":"2025-05-19T00:00:00.000Z","n":20160},"current":{"from":"2025-06-17T09:00:00.000Z","until":"2025-06-24T09:00:00.000Z","n":10080},"overall_psi":0.5914476682863078,"verdict":"FAIL","level":"critical","worst":{"feature":"mid","psi":2.323361614549881},"features":{"mid":{"psi":2.323361614549881,"level":"critical","n_reference":20160,"n_current":10080,"chance_mean":0.0013392857142857143,"chance_p95":0.002517705000687566,"within_reference_p95":1.5653383135864187,"ks":0.39335317460317465},"rsi14":{"psi":0.012157101235980055,"level":"stable","n_reference":20160,"n_current":10080,"chance_mean":0.0013392857142857143,"chance_p95":0.002517705000687566,"within_reference_p95":0.007097456557431403,"ks":0.045535714285714235},"spread_bp":{"psi":0.0035667804286319974,"level":"stable","n_reference":20160,"n_current":10080,"chance_mean":0.0007440476190476191,"chance_p95":0.0016473954901066,"within_reference_p95":0.003631491266927607,"ks":0.014087301587301648},"vol1m":{"psi":0.02670517693073761,"level":"stable","n_reference":20160,"n_current":10080,"chance_mean":0.0013392857142857143,"chance_p95":0.002517705000687566,"within_reference_p95":0.022780440607447366,"ks":0.04662698412698418}},"within_reference_p95":0.39463938960103595,"reason":"0.591, limit 0.2; mid 2.323 above 0.3","ready_at":null,"slo_check":{"threshold":0.2,"feature_threshold":0.3,"pass":false}}',1795286516073);
INSERT INTO "psi_snapshots" VALUES('AAAUSDT','v1.8-b0',1750759200000,5.91050110817193719014e-01,'FAIL','critical','{"symbol":"AAAUSDT","model":"v1.8-b0","at":"2025-06-24T10:00:00.000Z","reference":{"from":"2025-05-05T00:00:00.000Z","until":"2025-05-19T00:00:00.000Z","n":20160},"current":{"from":"2025-06-17T10:00:00.000Z","until":"2025-06-24T10:00:00.000Z","n":10080},"overall_psi":0.5910501108171937,"verdict":"FAIL","level":"critical","worst":{"feature":"mid","psi":2.323361614549881},"features":{"mid":{"psi":2.323361614549881,"level":"critical","n_reference":20160,"n_current":10080,"chance_mean":0.0013392857142857143,"chance_p95":0.002517705000687566,"within_reference_p95":1.5653383135864187,"ks":0.39335317460317465},"rsi14":{"psi":0.010498940455126402,"level":"stable","n_reference":20160,"n_current":10080,"chance_mean":0.0013392857142857143,"chance_p95":0.002517705000687566,"within_reference_p95":0.007097456557431403,"ks":0.04226190476190472},"spread_bp":{"psi":0.0036773511588325284,"level":"stable","n_reference":20160,"n_current":10080,"chance_mean":0.0007440476190476191,"chance_p95":0.0016473954901066,"within_reference_p95":0.003631491266927607,"ks":0.014484126984127044},"vol1m":{"psi":0.02666253710493505,"level":"stable","n_reference":20160,"n_current":10080,"chance_mean":0.0013392857142857143,"chance_p95":0.002517705000687566,"within_reference_p95":0.022780440607447366,"ks":0.04623015873015879}},"within_reference_p95":0.39463938960103595,"reason":"0.591, limit 0.2; mid 2.323 above 0.3","ready_at":null,"slo_check":{"threshold":0.2,"feature_threshold":0.3,"pass":false}}',1795286516129);
CREATE TABLE `reports` (
	`symbol` text NOT NULL,
	`period` text NOT NULL,
	`date` text NOT NULL,
	`document` text NOT NULL,
	`ts_ms` integer NOT NULL,
	`wall_ms` integer NOT NULL,
	PRIMARY KEY(`symbol`, `period`, `date`)
) WITHOUT ROWID;
INSERT INTO "reports" VALUES('AAAUSDT','daily','2025-06-22','{"symbol":"AAAUSDT","date":"2025-06-22","models":{"baseline":"v1.8-b0","candidate":null,"candidate_since":null},"metrics":{"psi_score":0.6782652409853505,"psi_by_feature":{"mid":2.6836464106103275,"rsi14":0.01317526646093211,"spread_bp":0.0016970982536427238,"vol1m":0.014542188616499894},"error_rate":0,"match_rate":null,"predict_p95_ms":null,"mean_delta":null,"requests":1440,"auc_live":0.6626093787328466,"precision_at_20_live":0.7874564459930313,"log_loss_live":0.6480507560039999,"ece":0.07563567477463536,"base_rate":0.6006968641114983},"n":{"requests":1440,"tried":1440,"comparisons":0,"psi_rows":10080,"settled":1435,"timed":0,"rows":1440},"unmeasured":{"match_rate":"no comparison with a candidate","predict_p95_ms":"0 timed answers, 59 needed","mean_delta":"no comparison with a candidate"},"promised":{"auc":0.613294857955333,"ece":0.0044484970120593145,"base_rate":0.46832051600099234},"data_quality":{"rows":1440,"completeness":1,"gaps":[],"missing":{"mid":0,"mid_change_1m":0,"spread_bp":0,"vol1m_log":0,"rsi14":0}},"alerts":[{"rule":"MLPoorCalibration","severity":"warning","at":"2025-06-22T20:30:00.000Z"}],"gates":{"verdict":"BLOCKED","passed":1,"verdicts":["FAIL","WAIT","PASS","FAIL","WAIT","WAIT"]},"anomalies":[],"overall_status":"CRITICAL","promote_eligible":false,"action_required":["drift: 0.678, limit 0.2; mid 2.684 above 0.3; retrain on features that drift less: onay retrain","look at the alerts: MLPoorCalibration"],"chain_head":"c1a57c40fa7495c3c023e85a6ab3addc7f728960b82924435f8f2f485e2bc708","chain":{"seq":1095,"hash":"c1a57c40fa7495c3c023e85a6ab3addc7f728960b82924435f8f2f485e2bc708"},"schema":"daily_report/1","generated_at":"2025-06-23T00:00:00.000Z","clock":"replay","onay_version":"0.1.0","config":{"serving":{"staleness_bars":2,"shadow_budget_ms":60,"match_tolerance":0.05,"fallback_decides":false,"durability":"process"},"breaker":{"window":200,"min_tries":50,"max_error_share":0.02,"probe_every":20,"clean_to_close":50},"label":{"kind":"move","horizon_min":5,"threshold_bp":6},"training":{"window_days":14,"folds":5,"embargo_min":60,"seed":1},"drift":{"window_days":7,"warning":0.1,"critical":0.2,"feature":0.3,"min_rows":500},"gates":{"psi":0.2,"psi_feature":0.3,"psi_max_age_min":120,"p95_ms":80,"p95_min_requests":59,"alert_coverage":0.99,"auc":0.62,"precision_at_20":0.58,"mean_delta":0.05,"delta_min_comparisons":500,"outcome":"advise","outcome_min_rows":1440,"outcome_margin":0.005},"smoke":{"timeout_ms":10000,"success_rate":0.95,"shadow_error_rate":0.02,"match_rate":0.95},"canary":{"plans":{}},"validation":{"hours":24},"approvals":{"promote":1},"features":{"completeness":0.995,"gap_min":5,"missing_share":0.005},"history":{"open_after_days":7},"retention":{"raw_days":30},"evidence":{"signing_key":null},"feed":{"exchange_url":null},"notify":{"min_severity":"warning","on_replay":true,"timeout_ms":10000,"first_retry_ms":5000,"last_retry_ms":3600000,"max_tries":15,"webhook":null,"telegram":null,"command":null,"dead_man":null},"http":{"body_limit_bytes":65536,"feed_body_limit_bytes":8388608}}}',1750636800000,1795286513516);
INSERT INTO "reports" VALUES('AAAUSDT','daily','2025-06-23','{"symbol":"AAAUSDT","date":"2025-06-23","models":{"baseline":"v1.8-b0","candidate":null,"candidate_since":null},"metrics":{"psi_score":0.5921738753760987,"psi_by_feature":{"mid":2.323361614549881,"rsi14":0.01444776230504614,"spread_bp":0.0037829177050759887,"vol1m":0.027103206944391132},"error_rate":0,"match_rate":null,"predict_p95_ms":null,"mean_delta":null,"requests":1440,"auc_live":0.6640796608498472,"precision_at_20_live":0.7630662020905923,"log_loss_live":0.6487326867874711,"ece":0.05158889256705569,"base_rate":0.5609756097560976},"n":{"requests":1440,"tried":1440,"comparisons":0,"psi_rows":10080,"settled":1435,"timed":0,"rows":1440},"unmeasured":{"match_rate":"no comparison with a candidate","predict_p95_ms":"0 timed answers, 59 needed","mean_delta":"no comparison with a candidate"},"promised":{"auc":0.613294857955333,"ece":0.0044484970120593145,"base_rate":0.46832051600099234},"data_quality":{"rows":1440,"completeness":1,"gaps":[],"missing":{"mid":0,"mid_change_1m":0,"spread_bp":0,"vol1m_log":0,"rsi14":0}},"alerts":[],"gates":{"verdict":"BLOCKED","passed":1,"verdicts":["FAIL","WAIT","PASS","FAIL","WAIT","WAIT"]},"anomalies":[],"overall_status":"CRITICAL","promote_eligible":false,"action_required":["drift: 0.592, limit 0.2; mid 2.323 above 0.3; retrain on features that drift less: onay retrain"],"chain_head":"3f60e06734e570f2b21b746a6e549b03e49911d109c2d53d37bb23a01716ba72","chain":{"seq":1125,"hash":"3f60e06734e570f2b21b746a6e549b03e49911d109c2d53d37bb23a01716ba72"},"schema":"daily_report/1","generated_at":"2025-06-24T00:00:00.000Z","clock":"replay","onay_version":"0.1.0","config":{"serving":{"staleness_bars":2,"shadow_budget_ms":60,"match_tolerance":0.05,"fallback_decides":false,"durability":"process"},"breaker":{"window":200,"min_tries":50,"max_error_share":0.02,"probe_every":20,"clean_to_close":50},"label":{"kind":"move","horizon_min":5,"threshold_bp":6},"training":{"window_days":14,"folds":5,"embargo_min":60,"seed":1},"drift":{"window_days":7,"warning":0.1,"critical":0.2,"feature":0.3,"min_rows":500},"gates":{"psi":0.2,"psi_feature":0.3,"psi_max_age_min":120,"p95_ms":80,"p95_min_requests":59,"alert_coverage":0.99,"auc":0.62,"precision_at_20":0.58,"mean_delta":0.05,"delta_min_comparisons":500,"outcome":"advise","outcome_min_rows":1440,"outcome_margin":0.005},"smoke":{"timeout_ms":10000,"success_rate":0.95,"shadow_error_rate":0.02,"match_rate":0.95},"canary":{"plans":{}},"validation":{"hours":24},"approvals":{"promote":1},"features":{"completeness":0.995,"gap_min":5,"missing_share":0.005},"history":{"open_after_days":7},"retention":{"raw_days":30},"evidence":{"signing_key":null},"feed":{"exchange_url":null},"notify":{"min_severity":"warning","on_replay":true,"timeout_ms":10000,"first_retry_ms":5000,"last_retry_ms":3600000,"max_tries":15,"webhook":null,"telegram":null,"command":null,"dead_man":null},"http":{"body_limit_bytes":65536,"feed_body_limit_bytes":8388608}}}',1750723200000,1795286515563);
INSERT INTO "reports" VALUES('AAAUSDT','weekly','2025-06-22','{"symbol":"AAAUSDT","date":"2025-06-22","week":{"from":"2025-06-16T00:00:00.000Z","until":"2025-06-22T23:59:00.000Z"},"models":{"baseline":"v1.8-b0","candidate":null},"metrics":{"requests":10079,"match_rate":null,"mean_delta":null,"auc_live":0.6378673603635928,"ece":0.03923151456399369,"log_loss_live":0.6617049799535739,"base_rate":0.44669446098868376},"n":{"days":7,"requests":10079,"comparisons":0,"settled":10074},"unmeasured":{"match_rate":"no candidate in the shadow","mean_delta":"no candidate in the shadow"},"shadow":[],"psi":{"model":"v1.8-b0","n":168,"first":1.5381786794436165,"last":0.682948824520959,"lowest":0.682948824520959,"highest":1.6855610269242158,"course":[{"at":"2025-06-16T00:00:00.000Z","overall_psi":1.5381786794436165,"n":10080},{"at":"2025-06-16T01:00:00.000Z","overall_psi":1.538239973555936,"n":10080},{"at":"2025-06-16T02:00:00.000Z","overall_psi":1.5378967859564943,"n":10080},{"at":"2025-06-16T03:00:00.000Z","overall_psi":1.5374726712258655,"n":10080},{"at":"2025-06-16T04:00:00.000Z","overall_psi":1.5374870158363045,"n":10080},{"at":"2025-06-16T05:00:00.000Z","overall_psi":1.5369890269296584,"n":10080},{"at":"2025-06-16T06:00:00.000Z","overall_psi":1.5365223400529513,"n":10080},{"at":"2025-06-16T07:00:00.000Z","overall_psi":1.5365733883051642,"n":10080},{"at":"2025-06-16T08:00:00.000Z","overall_psi":1.5359136255675812,"n":10080},{"at":"2025-06-16T09:00:00.000Z","overall_psi":1.5358123658554157,"n":10080},{"at":"2025-06-16T10:00:00.000Z","overall_psi":1.5362522723441543,"n":10080},{"at":"2025-06-16T11:00:00.000Z","overall_psi":1.5366059307636888,"n":10080},{"at":"2025-06-16T12:00:00.000Z","overall_psi":1.5369357338802183,"n":10080},{"at":"2025-06-16T13:00:00.000Z","overall_psi":1.5371628239483592,"n":10080},{"at":"2025-06-16T14:00:00.000Z","overall_psi":1.5371504247556418,"n":10080},{"at":"2025-06-16T15:00:00.000Z","overall_psi":1.5371190356155449,"n":10080},{"at":"2025-06-16T16:00:00.000Z","overall_psi":1.5371951309575345,"n":10080},{"at":"2025-06-16T17:00:00.000Z","overall_psi":1.5372545198913579,"n":10080},{"at":"2025-06-16T18:00:00.000Z","overall_psi":1.5375036053945024,"n":10080},{"at":"2025-06-16T19:00:00.000Z","overall_psi":1.537281616385367,"n":10080},{"at":"2025-06-16T20:00:00.000Z","overall_psi":1.5369691831496974,"n":10080},{"at":"2025-06-16T21:00:00.000Z","overall_psi":1.5368401154042868,"n":10080},{"at":"2025-06-16T22:00:00.000Z","overall_psi":1.5377558219456788,"n":10080},{"at":"2025-06-16T23:00:00.000Z","overall_psi":1.5378943940246446,"n":10080},{"at":"2025-06-17T00:00:00.000Z","overall_psi":1.537895727708323,"n":10080},{"at":"2025-06-17T01:00:00.000Z","overall_psi":1.537460666067135,"n":10080},{"at":"2025-06-17T02:00:00.000Z","overall_psi":1.5372748325786132,"n":10080},{"at":"2025-06-17T03:00:00.000Z","overall_psi":1.5371186071022733,"n":10080},{"at":"2025-06-17T04:00:00.000Z","overall_psi":1.5366695412729474,"n":10080},{"at":"2025-06-17T05:00:00.000Z","overall_psi":1.536745970864413,"n":10080},{"at":"2025-06-17T06:00:00.000Z","overall_psi":1.5368689121677628,"n":10080},{"at":"2025-06-17T07:00:00.000Z","overall_psi":1.5372091079397503,"n":10080},{"at":"2025-06-17T08:00:00.000Z","overall_psi":1.537067041357108,"n":10080},{"at":"2025-06-17T09:00:00.000Z","overall_psi":1.5370700272906077,"n":10080},{"at":"2025-06-17T10:00:00.000Z","overall_psi":1.5374321931739054,"n":10080},{"at":"2025-06-17T11:00:00.000Z","overall_psi":1.537327828024985,"n":10080},{"at":"2025-06-17T12:00:00.000Z","overall_psi":1.537761747213783,"n":10080},{"at":"2025-06-17T13:00:00.000Z","overall_psi":1.5376381843889702,"n":10080},{"at":"2025-06-17T14:00:00.000Z","overall_psi":1.5377851446344126,"n":10080},{"at":"2025-06-17T15:00:00.000Z","overall_psi":1.5376736541243694,"n":10080},{"at":"2025-06-17T16:00:00.000Z","overall_psi":1.5377527766431593,"n":10080},{"at":"2025-06-17T17:00:00.000Z","overall_psi":1.5270609610850696,"n":10080},{"at":"2025-06-17T18:00:00.000Z","overall_psi":1.503778774337634,"n":10080},{"at":"2025-06-17T19:00:00.000Z","overall_psi":1.4897044804614656,"n":10080},{"at":"2025-06-17T20:00:00.000Z","overall_psi":1.489707820807172,"n":10080},{"at":"2025-06-17T21:00:00.000Z","overall_psi":1.4901214505309555,"n":10080},{"at":"2025-06-17T22:00:00.000Z","overall_psi":1.489945109772605,"n":10080},{"at":"2025-06-17T23:00:00.000Z","overall_psi":1.4900405043634324,"n":10080},{"at":"2025-06-18T00:00:00.000Z","overall_psi":1.4902136906251442,"n":10080},{"at":"2025-06-18T01:00:00.000Z","overall_psi":1.4900260431286088,"n":10080},{"at":"2025-06-18T02:00:00.000Z","overall_psi":1.4896074558507606,"n":10080},{"at":"2025-06-18T03:00:00.000Z","overall_psi":1.489408862383868,"n":10080},{"at":"2025-06-18T04:00:00.000Z","overall_psi":1.4891797699536606,"n":10080},{"at":"2025-06-18T05:00:00.000Z","overall_psi":1.4884967473477688,"n":10080},{"at":"2025-06-18T06:00:00.000Z","overall_psi":1.4881599408783077,"n":10080},{"at":"2025-06-18T07:00:00.000Z","overall_psi":1.4882621357765873,"n":10080},{"at":"2025-06-18T08:00:00.000Z","overall_psi":1.488450404959547,"n":10080},{"at":"2025-06-18T09:00:00.000Z","overall_psi":1.4883421044174654,"n":10080},{"at":"2025-06-18T10:00:00.000Z","overall_psi":1.4882091307724452,"n":10080},{"at":"2025-06-18T11:00:00.000Z","overall_psi":1.4883843631674682,"n":10080},{"at":"2025-06-18T12:00:00.000Z","overall_psi":1.487906215603416,"n":10080},{"at":"2025-06-18T13:00:00.000Z","overall_psi":1.4880039358217116,"n":10080},{"at":"2025-06-18T14:00:00.000Z","overall_psi":1.4800556522776294,"n":10080},{"at":"2025-06-18T15:00:00.000Z","overall_psi":1.480099255313079,"n":10080},{"at":"2025-06-18T16:00:00.000Z","overall_psi":1.4798354121174304,"n":10080},{"at":"2025-06-18T17:00:00.000Z","overall_psi":1.479801835948804,"n":10080},{"at":"2025-06-18T18:00:00.000Z","overall_psi":1.4729581816190094,"n":10080},{"at":"2025-06-18T19:00:00.000Z","overall_psi":1.4672116509538957,"n":10080},{"at":"2025-06-18T20:00:00.000Z","overall_psi":1.4565955993357704,"n":10080},{"at":"2025-06-18T21:00:00.000Z","overall_psi":1.4505243999794497,"n":10080},{"at":"2025-06-18T22:00:00.000Z","overall_psi":1.4503685424982011,"n":10080},{"at":"2025-06-18T23:00:00.000Z","overall_psi":1.4502919935760674,"n":10080},{"at":"2025-06-19T00:00:00.000Z","overall_psi":1.4507454674561018,"n":10080},{"at":"2025-06-19T01:00:00.000Z","overall_psi":1.450563486319707,"n":10080},{"at":"2025-06-19T02:00:00.000Z","overall_psi":1.4507332829487494,"n":10080},{"at":"2025-06-19T03:00:00.000Z","overall_psi":1.4506027666548045,"n":10080},{"at":"2025-06-19T04:00:00.000Z","overall_psi":1.4501751207259843,"n":10080},{"at":"2025-06-19T05:00:00.000Z","overall_psi":1.4501061041843635,"n":10080},{"at":"2025-06-19T06:00:00.000Z","overall_psi":1.450175290660268,"n":10080},{"at":"2025-06-19T07:00:00.000Z","overall_psi":1.4506195634338412,"n":10080},{"at":"2025-06-19T08:00:00.000Z","overall_psi":1.4506025797413733,"n":10080},{"at":"2025-06-19T09:00:00.000Z","overall_psi":1.4506179654032552,"n":10080},{"at":"2025-06-19T10:00:00.000Z","overall_psi":1.4504376429745822,"n":10080},{"at":"2025-06-19T11:00:00.000Z","overall_psi":1.450378171676315,"n":10080},{"at":"2025-06-19T12:00:00.000Z","overall_psi":1.4506555811001816,"n":10080},{"at":"2025-06-19T13:00:00.000Z","overall_psi":1.4509379835654979,"n":10080},{"at":"2025-06-19T14:00:00.000Z","overall_psi":1.4511548666934446,"n":10080},{"at":"2025-06-19T15:00:00.000Z","overall_psi":1.4500971289177305,"n":10080},{"at":"2025-06-19T16:00:00.000Z","overall_psi":1.4468963109929807,"n":10080},{"at":"2025-06-19T17:00:00.000Z","overall_psi":1.444261112200797,"n":10080},{"at":"2025-06-19T18:00:00.000Z","overall_psi":1.440124256727478,"n":10080},{"at":"2025-06-19T19:00:00.000Z","overall_psi":1.4401891136979574,"n":10080},{"at":"2025-06-19T20:00:00.000Z","overall_psi":1.439431983862102,"n":10080},{"at":"2025-06-19T21:00:00.000Z","overall_psi":1.4384535535316627,"n":10080},{"at":"2025-06-19T22:00:00.000Z","overall_psi":1.4389662863662058,"n":10080},{"at":"2025-06-19T23:00:00.000Z","overall_psi":1.4387730802941519,"n":10080},{"at":"2025-06-20T00:00:00.000Z","overall_psi":1.439328579678814,"n":10080},{"at":"2025-06-20T01:00:00.000Z","overall_psi":1.4514188448530865,"n":10080},{"at":"2025-06-20T02:00:00.000Z","overall_psi":1.5724053628257488,"n":10080},{"at":"2025-06-20T03:00:00.000Z","overall_psi":1.649641048773251,"n":10080},{"at":"2025-06-20T04:00:00.000Z","overall_psi":1.6619977530660561,"n":10080},{"at":"2025-06-20T05:00:00.000Z","overall_psi":1.6704548854509356,"n":10080},{"at":"2025-06-20T06:00:00.000Z","overall_psi":1.673197744304237,"n":10080},{"at":"2025-06-20T07:00:00.000Z","overall_psi":1.6835268126767662,"n":10080},{"at":"2025-06-20T08:00:00.000Z","overall_psi":1.6837655560021014,"n":10080},{"at":"2025-06-20T09:00:00.000Z","overall_psi":1.6835487478820712,"n":10080},{"at":"2025-06-20T10:00:00.000Z","overall_psi":1.6836088203882371,"n":10080},{"at":"2025-06-20T11:00:00.000Z","overall_psi":1.6838662877436192,"n":10080},{"at":"2025-06-20T12:00:00.000Z","overall_psi":1.6844584035855799,"n":10080},{"at":"2025-06-20T13:00:00.000Z","overall_psi":1.6852521726369085,"n":10080},{"at":"2025-06-20T14:00:00.000Z","overall_psi":1.6855610269242158,"n":10080},{"at":"2025-06-20T15:00:00.000Z","overall_psi":1.684956770759361,"n":10080},{"at":"2025-06-20T16:00:00.000Z","overall_psi":1.683462722131944,"n":10080},{"at":"2025-06-20T17:00:00.000Z","overall_psi":1.6709337287812605,"n":10080},{"at":"2025-06-20T18:00:00.000Z","overall_psi":1.4939488607129088,"n":10080},{"at":"2025-06-20T19:00:00.000Z","overall_psi":1.3965145520883175,"n":10080},{"at":"2025-06-20T20:00:00.000Z","overall_psi":1.355924985739185,"n":10080},{"at":"2025-06-20T21:00:00.000Z","overall_psi":1.3283900353706375,"n":10080},{"at":"2025-06-20T22:00:00.000Z","overall_psi":1.3083073200041233,"n":10080},{"at":"2025-06-20T23:00:00.000Z","overall_psi":1.282307546173057,"n":10080},{"at":"2025-06-21T00:00:00.000Z","overall_psi":1.2628283574502437,"n":10080},{"at":"2025-06-21T01:00:00.000Z","overall_psi":1.2494130028702735,"n":10080},{"at":"2025-06-21T02:00:00.000Z","overall_psi":1.2368594877797683,"n":10080},{"at":"2025-06-21T03:00:00.000Z","overall_psi":1.2243629810196062,"n":10080},{"at":"2025-06-21T04:00:00.000Z","overall_psi":1.2112372022749172,"n":10080},{"at":"2025-06-21T05:00:00.000Z","overall_psi":1.2016328135678347,"n":10080},{"at":"2025-06-21T06:00:00.000Z","overall_psi":1.1922640525132262,"n":10080},{"at":"2025-06-21T07:00:00.000Z","overall_psi":1.1826757709884956,"n":10080},{"at":"2025-06-21T08:00:00.000Z","overall_psi":1.1745226610416835,"n":10080},{"at":"2025-06-21T09:00:00.000Z","overall_psi":1.1650020123855187,"n":10080},{"at":"2025-06-21T10:00:00.000Z","overall_psi":1.1505862081092313,"n":10080},{"at":"2025-06-21T11:00:00.000Z","overall_psi":1.139832015803203,"n":10080},{"at":"2025-06-21T12:00:00.000Z","overall_psi":1.1292427615262448,"n":10080},{"at":"2025-06-21T13:00:00.000Z","overall_psi":1.1201634791590567,"n":10080},{"at":"2025-06-21T14:00:00.000Z","overall_psi":1.1116074416438588,"n":10080},{"at":"2025-06-21T15:00:00.000Z","overall_psi":1.1028156339808026,"n":10080},{"at":"2025-06-21T16:00:00.000Z","overall_psi":1.0954279887770568,"n":10080},{"at":"2025-06-21T17:00:00.000Z","overall_psi":1.0892591770207816,"n":10080},{"at":"2025-06-21T18:00:00.000Z","overall_psi":1.082712040822556,"n":10080},{"at":"2025-06-21T19:00:00.000Z","overall_psi":1.0698327727783097,"n":10080},{"at":"2025-06-21T20:00:00.000Z","overall_psi":1.0375097104051512,"n":10080},{"at":"2025-06-21T21:00:00.000Z","overall_psi":1.0188202453073854,"n":10080},{"at":"2025-06-21T22:00:00.000Z","overall_psi":0.919047531005439,"n":10080},{"at":"2025-06-21T23:00:00.000Z","overall_psi":0.8864506918749637,"n":10080},{"at":"2025-06-22T00:00:00.000Z","overall_psi":0.8674392281302411,"n":10080},{"at":"2025-06-22T01:00:00.000Z","overall_psi":0.8519033897418585,"n":10080},{"at":"2025-06-22T02:00:00.000Z","overall_psi":0.8390013287836995,"n":10080},{"at":"2025-06-22T03:00:00.000Z","overall_psi":0.8275659151762347,"n":10080},{"at":"2025-06-22T04:00:00.000Z","overall_psi":0.8178920535700387,"n":10080},{"at":"2025-06-22T05:00:00.000Z","overall_psi":0.8093088758374036,"n":10080},{"at":"2025-06-22T06:00:00.000Z","overall_psi":0.8019584637537598,"n":10080},{"at":"2025-06-22T07:00:00.000Z","overall_psi":0.7931427732897977,"n":10080},{"at":"2025-06-22T08:00:00.000Z","overall_psi":0.7870000670830909,"n":10080},{"at":"2025-06-22T09:00:00.000Z","overall_psi":0.7807340579361391,"n":10080},{"at":"2025-06-22T10:00:00.000Z","overall_psi":0.7750694823673218,"n":10080},{"at":"2025-06-22T11:00:00.000Z","overall_psi":0.7698372447431701,"n":10080},{"at":"2025-06-22T12:00:00.000Z","overall_psi":0.7644022404045523,"n":10080},{"at":"2025-06-22T13:00:00.000Z","overall_psi":0.7597669461043404,"n":10080},{"at":"2025-06-22T14:00:00.000Z","overall_psi":0.7497777657702939,"n":10080},{"at":"2025-06-22T15:00:00.000Z","overall_psi":0.7393625843581613,"n":10080},{"at":"2025-06-22T16:00:00.000Z","overall_psi":0.7298380177155115,"n":10080},{"at":"2025-06-22T17:00:00.000Z","overall_psi":0.7212102064487609,"n":10080},{"at":"2025-06-22T18:00:00.000Z","overall_psi":0.7134733867398785,"n":10080},{"at":"2025-06-22T19:00:00.000Z","overall_psi":0.7060257303945708,"n":10080},{"at":"2025-06-22T20:00:00.000Z","overall_psi":0.6994516250938349,"n":10080},{"at":"2025-06-22T21:00:00.000Z","overall_psi":0.6933790566965331,"n":10080},{"at":"2025-06-22T22:00:00.000Z","overall_psi":0.687924289241144,"n":10080},{"at":"2025-06-22T23:00:00.000Z","overall_psi":0.682948824520959,"n":10080}]},"days":[{"date":"2025-06-16","overall_status":"CRITICAL","until":"2025-06-17T00:00:00.000Z","metrics":{"psi_score":1.537895727708323,"psi_by_feature":{"mid":6.127022724944711,"rsi14":0.011829684620346788,"spread_bp":0.005213618973346555,"vol1m":0.007516882294887792},"error_rate":0,"match_rate":null,"predict_p95_ms":null,"mean_delta":null,"requests":1440,"auc_live":0.5915676195318831,"precision_at_20_live":0.5470383275261324,"log_loss_live":0.6803952083487049,"ece":0.06967300178582811,"base_rate":0.42578397212543556},"n":{"requests":1440,"tried":1440,"comparisons":0,"psi_rows":10080,"settled":1435,"timed":0,"rows":1440},"unmeasured":{"match_rate":"no comparison with a candidate","predict_p95_ms":"0 timed answers, 59 needed","mean_delta":"no comparison with a candidate"}},{"date":"2025-06-17","overall_status":"CRITICAL","until":"2025-06-18T00:00:00.000Z","metrics":{"psi_score":1.4902136906251442,"psi_by_feature":{"mid":5.933628757795923,"rsi14":0.020418125246292246,"spread_bp":0.0016426433006676453,"vol1m":0.005165236157695312},"error_rate":0,"match_rate":null,"predict_p95_ms":null,"mean_delta":null,"requests":1440,"auc_live":0.5553084021369596,"precision_at_20_live":0.5818815331010453,"log_loss_live":0.694696305790214,"ece":0.05292500226343407,"base_rate":0.49477351916376305},"n":{"requests":1440,"tried":1440,"comparisons":0,"psi_rows":10080,"settled":1435,"timed":0,"rows":1440},"unmeasured":{"match_rate":"no comparison with a candidate","predict_p95_ms":"0 timed answers, 59 needed","mean_delta":"no comparison with a candidate"}},{"date":"2025-06-18","overall_status":"CRITICAL","until":"2025-06-19T00:00:00.000Z","metrics":{"psi_score":1.4507454674561018,"psi_by_feature":{"mid":5.783259704276999,"rsi14":0.01524865646213366,"spread_bp":0.0005184244358196358,"vol1m":0.003955084649456151},"error_rate":0,"match_rate":null,"predict_p95_ms":null,"mean_delta":null,"requests":1440,"auc_live":0.6057212238950948,"precision_at_20_live":0.6236933797909407,"log_loss_live":0.6777489209352908,"ece":0.04102848472301546,"base_rate":0.5052264808362369},"n":{"requests":1440,"tried":1440,"comparisons":0,"psi_rows":10080,"settled":1435,"timed":0,"rows":1440},"unmeasured":{"match_rate":"no comparison with a candidate","predict_p95_ms":"0 timed answers, 59 needed","mean_delta":"no comparison with a candidate"}},{"date":"2025-06-19","overall_status":"CRITICAL","until":"2025-06-20T00:00:00.000Z","metrics":{"psi_score":1.439328579678814,"psi_by_feature":{"mid":5.725326621885148,"rsi14":0.011590870279301935,"spread_bp":0.0029939911938081966,"vol1m":0.017402835356998637},"error_rate":0,"match_rate":null,"predict_p95_ms":null,"mean_delta":null,"requests":1440,"auc_live":0.5472000398452675,"precision_at_20_live":0.4076655052264808,"log_loss_live":0.6707520439160513,"ece":0.06170776508393357,"base_rate":0.3735191637630662},"n":{"requests":1440,"tried":1440,"comparisons":0,"psi_rows":10080,"settled":1435,"timed":0,"rows":1440},"unmeasured":{"match_rate":"no comparison with a candidate","predict_p95_ms":"0 timed answers, 59 needed","mean_delta":"no comparison with a candidate"}},{"date":"2025-06-20","overall_status":"CRITICAL","until":"2025-06-21T00:00:00.000Z","metrics":{"psi_score":1.2628283574502437,"psi_by_feature":{"mid":4.984977919245443,"rsi14":0.016963559697195596,"spread_bp":0.010729533072605258,"vol1m":0.03864241778573068},"error_rate":0,"match_rate":null,"predict_p95_ms":null,"mean_delta":null,"requests":1440,"auc_live":0.655056607212912,"precision_at_20_live":0.6550522648083623,"log_loss_live":0.6538665329371813,"ece":0.06127248623146665,"base_rate":0.4299651567944251},"n":{"requests":1440,"tried":1440,"comparisons":0,"psi_rows":10080,"settled":1435,"timed":0,"rows":1440},"unmeasured":{"match_rate":"no comparison with a candidate","predict_p95_ms":"0 timed answers, 59 needed","mean_delta":"no comparison with a candidate"}},{"date":"2025-06-21","overall_status":"CRITICAL","until":"2025-06-22T00:00:00.000Z","metrics":{"psi_score":0.8674392281302411,"psi_by_feature":{"mid":3.41241863165778,"rsi14":0.013793356600591233,"spread_bp":0.010685262405109343,"vol1m":0.03285966185748382},"error_rate":0,"match_rate":null,"predict_p95_ms":null,"mean_delta":null,"requests":1440,"auc_live":0.6927571445100081,"precision_at_20_live":0.5052264808362369,"log_loss_live":0.6079904327528413,"ece":0.1345474993618858,"base_rate":0.29965156794425085},"n":{"requests":1440,"tried":1440,"comparisons":0,"psi_rows":10080,"settled":1435,"timed":0,"rows":1440},"unmeasured":{"match_rate":"no comparison with a candidate","predict_p95_ms":"0 timed answers, 59 needed","mean_delta":"no comparison with a candidate"}},{"date":"2025-06-22","overall_status":"CRITICAL","until":"2025-06-22T23:59:00.000Z","metrics":{"psi_score":0.682948824520959,"psi_by_feature":{"mid":2.702820728735964,"rsi14":0.012087978277393722,"spread_bp":0.0016034792346638163,"vol1m":0.015283111835814205},"error_rate":0,"match_rate":null,"predict_p95_ms":null,"mean_delta":null,"requests":1439,"auc_live":0.6625560197262407,"precision_at_20_live":0.7867132867132867,"log_loss_live":0.6480672461228841,"ece":0.07536455640230519,"base_rate":0.600418410041841},"n":{"requests":1439,"tried":1439,"comparisons":0,"psi_rows":10080,"settled":1434,"timed":0,"rows":1439},"unmeasured":{"match_rate":"no comparison with a candidate","predict_p95_ms":"0 timed answers, 59 needed","mean_delta":"no comparison with a candidate"}}],"alerts":[{"at":"2025-06-17T20:00:00.000Z","rule":"MLPoorCalibration","change":"resolved","severity":"warning","text":"ECE 0.048, limit 0.06"},{"at":"2025-06-18T03:30:00.000Z","rule":"MLPoorCalibration","change":"fired","severity":"warning","text":"ECE 0.061, limit 0.06"},{"at":"2025-06-18T06:00:00.000Z","rule":"MLPoorCalibration","change":"resolved","severity":"warning","text":"ECE 0.055, limit 0.06"},{"at":"2025-06-19T21:30:00.000Z","rule":"MLPoorCalibration","change":"fired","severity":"warning","text":"ECE 0.060, limit 0.06"},{"at":"2025-06-20T03:00:00.000Z","rule":"MLPSIJump","change":"fired","severity":"warning","text":"PSI up in 24 h by 0.199, limit 0.15"},{"at":"2025-06-20T18:05:00.000Z","rule":"MLPSIJump","change":"resolved","severity":"warning","text":"PSI up in 24 h by 0.054, limit 0.15"},{"at":"2025-06-22T07:00:00.000Z","rule":"MLPoorCalibration","change":"resolved","severity":"warning","text":"ECE 0.056, limit 0.06"},{"at":"2025-06-22T20:30:00.000Z","rule":"MLPoorCalibration","change":"fired","severity":"warning","text":"ECE 0.070, limit 0.06"}],"gates":[],"decisions":[{"at":"2025-06-18T00:10:00.000Z","kind":"retention","subject":"predictions","what":"","by":[],"reason":null},{"at":"2025-06-19T00:10:00.000Z","kind":"retention","subject":"predictions","what":"","by":[],"reason":null},{"at":"2025-06-20T00:10:00.000Z","kind":"retention","subject":"predictions","what":"","by":[],"reason":null},{"at":"2025-06-21T00:10:00.000Z","kind":"retention","subject":"predictions","what":"","by":[],"reason":null},{"at":"2025-06-22T00:10:00.000Z","kind":"retention","subject":"predictions","what":"","by":[],"reason":null}],"overall_status":"CRITICAL","schema":"weekly_report/1","generated_at":"2025-06-22T23:59:00.000Z","clock":"replay","onay_version":"0.1.0","config":{"serving":{"staleness_bars":2,"shadow_budget_ms":60,"match_tolerance":0.05,"fallback_decides":false,"durability":"process"},"breaker":{"window":200,"min_tries":50,"max_error_share":0.02,"probe_every":20,"clean_to_close":50},"label":{"kind":"move","horizon_min":5,"threshold_bp":6},"training":{"window_days":14,"folds":5,"embargo_min":60,"seed":1},"drift":{"window_days":7,"warning":0.1,"critical":0.2,"feature":0.3,"min_rows":500},"gates":{"psi":0.2,"psi_feature":0.3,"psi_max_age_min":120,"p95_ms":80,"p95_min_requests":59,"alert_coverage":0.99,"auc":0.62,"precision_at_20":0.58,"mean_delta":0.05,"delta_min_comparisons":500,"outcome":"advise","outcome_min_rows":1440,"outcome_margin":0.005},"smoke":{"timeout_ms":10000,"success_rate":0.95,"shadow_error_rate":0.02,"match_rate":0.95},"canary":{"plans":{}},"validation":{"hours":24},"approvals":{"promote":1},"features":{"completeness":0.995,"gap_min":5,"missing_share":0.005},"history":{"open_after_days":7},"retention":{"raw_days":30},"evidence":{"signing_key":null},"feed":{"exchange_url":null},"notify":{"min_severity":"warning","on_replay":true,"timeout_ms":10000,"first_retry_ms":5000,"last_retry_ms":3600000,"max_tries":15,"webhook":null,"telegram":null,"command":null,"dead_man":null},"http":{"body_limit_bytes":65536,"feed_body_limit_bytes":8388608}}}',1750636740000,1795286513215);
CREATE TABLE `rollups` (
	`symbol` text NOT NULL,
	`ts_ms` integer NOT NULL,
	`model` text NOT NULL,
	`source` text NOT NULL,
	`phase` text NOT NULL,
	`requests` integer NOT NULL,
	`abstained` integer NOT NULL,
	`tried` integer NOT NULL,
	`errors` integer NOT NULL,
	`compared` integer NOT NULL,
	`matched` integer NOT NULL,
	`delta_sum` real NOT NULL,
	`delta_max` real NOT NULL,
	`timed` integer NOT NULL,
	`above_80` integer NOT NULL,
	`above_120` integer NOT NULL,
	`model_timed` integer NOT NULL,
	`model_above_60` integer NOT NULL,
	`service_hist` blob,
	`model_hist` blob, `model_above_80` integer DEFAULT 0 NOT NULL, `model_above_120` integer DEFAULT 0 NOT NULL,
	PRIMARY KEY(`symbol`, `ts_ms`, `model`, `source`, `phase`)
) WITHOUT ROWID;
INSERT INTO "rollups" VALUES('AAAUSDT',1750760820000,'v1.8-b0','history','',1,0,1,0,0,0,0.0,0.0,0,0,0,0,0,NULL,NULL,0,0);
INSERT INTO "rollups" VALUES('AAAUSDT',1750760880000,'v1.8-b0','history','',1,0,1,0,0,0,0.0,0.0,0,0,0,0,0,NULL,NULL,0,0);
INSERT INTO "rollups" VALUES('AAAUSDT',1750760940000,'v1.8-b0','history','',1,0,1,0,0,0,0.0,0.0,0,0,0,0,0,NULL,NULL,0,0);
INSERT INTO "rollups" VALUES('AAAUSDT',1750761000000,'v1.8-b0','history','',1,0,1,0,0,0,0.0,0.0,0,0,0,0,0,NULL,NULL,0,0);
INSERT INTO "rollups" VALUES('AAAUSDT',1750761060000,'v1.8-b0','history','',1,0,1,0,0,0,0.0,0.0,0,0,0,0,0,NULL,NULL,0,0);
CREATE TABLE `scores` (
	`symbol` text NOT NULL,
	`ts_ms` integer NOT NULL,
	`model` text NOT NULL,
	`score` real NOT NULL,
	PRIMARY KEY(`symbol`, `ts_ms`, `model`)
) WITHOUT ROWID;
INSERT INTO "scores" VALUES('AAAUSDT',1750760820000,'v1.8-b0',4.58653740159091938277e-01);
INSERT INTO "scores" VALUES('AAAUSDT',1750760880000,'v1.8-b0',5.30042199313890516343e-01);
INSERT INTO "scores" VALUES('AAAUSDT',1750760940000,'v1.8-b0',4.17135872647574512672e-01);
INSERT INTO "scores" VALUES('AAAUSDT',1750761000000,'v1.8-b0',4.39827511760447376065e-01);
INSERT INTO "scores" VALUES('AAAUSDT',1750761060000,'v1.8-b0',4.74421041113214148055e-01);
CREATE TABLE `slots` (
	`symbol` text NOT NULL,
	`slot` text NOT NULL,
	`version` text NOT NULL,
	`profile` text NOT NULL,
	`since_ms` integer NOT NULL,
	`wall_ms` integer NOT NULL,
	PRIMARY KEY(`symbol`, `slot`)
) WITHOUT ROWID;
INSERT INTO "slots" VALUES('AAAUSDT','baseline','v1.8-b0','equivalent',1747612800000,1795286455077);
CREATE TABLE `stream_states` (
	`symbol` text PRIMARY KEY NOT NULL,
	`ts_ms` integer NOT NULL,
	`state` text NOT NULL
);
INSERT INTO "stream_states" VALUES('AAAUSDT',1750761060000,'{"lastMs":1750761060000,"rsi":{"changes":73138,"last":105086.5,"gain":12.4955896913163,"loss":16.99289370030963},"ewma":{"seeds":30,"value":2.0588526519841898e-7}}');
CREATE TABLE `tokens` (
	`name` text PRIMARY KEY NOT NULL,
	`sha256` text NOT NULL,
	`wall_ms` integer NOT NULL,
	`revoked_wall_ms` integer
);
CREATE INDEX `chain_by_subject` ON `chain` (`subject`,`seq`);
CREATE INDEX `events_by_symbol` ON `events` (`symbol`,`ts_ms`);
CREATE INDEX `notifications_by_state` ON `notifications` (`state`,`next_wall_ms`);
CREATE TRIGGER `chain_is_append_only_update` BEFORE UPDATE ON `chain` BEGIN SELECT RAISE(ABORT, 'the evidence chain is append-only'); END;
CREATE TRIGGER `chain_is_append_only_delete` BEFORE DELETE ON `chain` BEGIN SELECT RAISE(ABORT, 'the evidence chain is append-only'); END;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('outbox',1077);
INSERT INTO "sqlite_sequence" VALUES('events',118);
INSERT INTO "meta" VALUES('opened','yes');
INSERT INTO "meta" VALUES('how_it_ended','running');
INSERT INTO "meta" VALUES('history_until','0');
INSERT INTO "meta" VALUES('breaker:AAAUSDT','opened');
INSERT INTO "meta" VALUES('exchange:ETHUSDT','{"exchange":"binance","market":"ETH/USDT","complete":true}');
INSERT INTO "tokens" VALUES('risk','0f',1,NULL);
INSERT INTO "outbox" VALUES(1076,'file','{"path":"ml/late.json","content":"{}\n"}',1750761060000,0,NULL);
INSERT INTO "outbox" VALUES(1077,'report_page','{"symbol":"AAAUSDT","date":"2025-06-23"}',1750761060000,0,NULL);
INSERT INTO "notifications" VALUES(1,'webhook','{"schema":"notification/1","kind":"alert","severity":"critical","symbol":"AAAUSDT","text":"PSI","market_time":"2025-06-24T10:31:00.000Z","wall_time":"2025-06-24T10:31:00.000Z","clock":"replay","chain_head":null,"onay_version":"0.3.0"}','waiting',0,1,NULL,1750761060000,1);
PRAGMA user_version = 3;
COMMIT;
