"""What the house says by itself, when its time comes."""

from netcenter.courtesy import acknowledging, alarms, handing_on, menus
from netcenter.lib.loops import Loop

LOOPS: list[Loop] = [*acknowledging.LOOPS, *alarms.LOOPS, *handing_on.LOOPS, *menus.LOOPS]
