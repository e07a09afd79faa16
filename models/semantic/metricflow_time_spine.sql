-- One row, with today's date: the only date that metrics can use, because customers have none.
select current_date as date_day
