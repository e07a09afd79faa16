-- One row: today, the only day that metrics of customers without a date have.
select current_date as date_day
